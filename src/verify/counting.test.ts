/** Counting under emulation and the cycle model, on a program small enough to count by hand. */
import { describe, expect, it } from 'vitest';
import { buildPlugin, countRun, missingForCounting, readCounts } from './count-run.js';
import { joinedBlocks, missingForModel, modelCycles, modelOf } from './cycle-model.js';
import { runProcess, withFolder, writeScratch } from './toolchain.js';

/** Between the marks: 1,000 rounds of four instructions that load 16 bytes each, three times. */
const program = `
void roi_begin(void); void roi_end(void);
__attribute__((noinline)) void roi_begin(void) { __asm__ volatile(""); }
__attribute__((noinline)) void roi_end(void) { __asm__ volatile(""); }
static float values[4000];
int main(void)
{
    int i;
    for (i = 0; i < 4; i++) {
        const float *from = values;
        long left = 1000;
        if (i > 0) roi_begin();
        __asm__ volatile("1: ldr q0, [%0], #16\\n fmla v1.4s, v0.4s, v0.4s\\n subs %1, %1, #1\\n b.ne 1b"
                         : "+r"(from), "+r"(left) : : "v0", "v1", "cc", "memory");
        if (i > 0) roi_end();
    }
    return 0;
}
`;

const compiler = 'aarch64-linux-gnu-gcc';

describe('counting', () => {
  it('counts what runs between the marks, and models its cycles', async ({ skip }) => {
    const missing = missingForCounting('qemu-aarch64');
    if (missing.length > 0) return skip(`${missing.join(' and ')} not installed`);
    await withFolder(async (folder) => {
      const source = await writeScratch(folder, 'loop.c', program);
      const binary = `${folder}/loop`;
      const compiled = await runProcess(compiler, ['-O2', '-static', source, '-o', binary], { cwd: folder });
      if (compiled.code !== 0) return skip(`${compiler} not installed`);
      const cache = { l1: 8, l1Ways: 2, l2: 64, l2Ways: 4 };
      const request = { binary, args: [], emulator: 'qemu-aarch64', cpu: 'cortex-a57', cache } as const;
      const plugin = await buildPlugin(folder);
      const counted = await countRun(request, plugin, folder);
      expect(counted.rounds).toBe(3);
      expect(counted.loadBytes).toBe(48_000);
      expect(counted.instructions).toBeGreaterThanOrEqual(12_000);
      expect(counted.instructions).toBeLessThan(12_100);
      // 16,000 bytes do not fit 8 KB, and fit 64 KB: every line misses once a round, in the first level only.
      expect(counted.firstMisses).toBeGreaterThanOrEqual(750);
      expect(counted.firstMisses).toBeLessThan(765);
      expect(counted.secondMisses).toBeLessThan(3);
      expect(await countRun(request, plugin, folder)).toEqual(counted);
      if (missingForModel().length > 0) return;
      const [inOrder, wide] = await modelCycles(counted.blocks, ['cortex-a53', 'neoverse-n1']);
      expect(inOrder!.unread).toBe(0);
      // A multiply-add waits for the one before it: 8 cycles in order, 4 in the other core's model, or 2 by forwarding.
      expect(inOrder!.cycles / 3000).toBeGreaterThan(wide!.cycles / 3000);
      expect(wide!.cycles / 3000).toBeGreaterThanOrEqual(2);
    });
  });

  it('reads blocks, and decodes instructions that qemu has no name for', async ({ skip }) => {
    const counted = readCounts('1 20 0 0 0 0\n@ 400 10 f\nadd x0, x0, #1\n.byte 0x00, 0xe0, 0x82, 0x4f\n');
    expect(counted.blocks).toEqual([
      { address: 0x400, count: 10, function: 'f', instructions: ['add x0, x0, #1', '.byte 0x00, 0xe0, 0x82, 0x4f'] },
    ]);
    if (missingForModel().length > 0) return skip('llvm-19 not installed');
    const [modelled] = await modelCycles(counted.blocks, ['neoverse-n1']);
    expect(modelled!.unread).toBe(0);
  });

  it('counts an instruction that no model knows as one cycle, and says so', async ({ skip }) => {
    if (missingForModel().length > 0) return skip('llvm-19 not installed');
    const blocks = [
      { address: 0, count: 4, function: 'f', instructions: ['frobnicate x0'] },
      { address: 8, count: 12, function: 'f', instructions: ['add x0, x0, #1'] },
    ];
    const [modelled] = await modelCycles(blocks, ['cortex-a53']);
    expect(modelled!.unread).toBe(0.25);
  });

  it('joins blocks that were cut where a page ends', () => {
    const block = (address: number, count: number, ...instructions: string[]) => ({
      address,
      count,
      function: 'f',
      instructions,
    });
    // The second half is jumped to 3 times besides; the third block follows a jump.
    const all = [
      block(0xff8, 10, 'nop', 'mov x0, x1'),
      block(0x1000, 13, 'nop', 'b.ne #0xff8'),
      block(0x1008, 1, 'ret'),
    ];
    expect(joinedBlocks(all)).toEqual([
      block(0xff8, 10, 'nop', 'mov x0, x1', 'nop', 'b.ne #0xff8'),
      block(0x1000, 3, 'nop', 'b.ne #0xff8'),
      block(0x1008, 1, 'ret'),
    ]);
  });

  it('refuses a program without marks', () => {
    expect(() => readCounts('0 0 0 0 0 0\n')).toThrow('roi_begin');
  });

  it('names the model that stands for a core', () => {
    expect(modelOf('cortex-a73')).toBe('cortex-a57');
    expect(modelOf('cortex-a53')).toBe('cortex-a53');
    expect(modelOf('cortex-a7')).toBeUndefined();
  });
});

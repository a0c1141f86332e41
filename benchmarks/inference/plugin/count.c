/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plugin for qemu-user (plugin API version 1, qemu 7.2) that counts what a program executes between its functions
 * *roi_begin and *roi_end: instructions, loaded and stored bytes, misses of a two-level LRU data cache, and how often
 * each translated block ran. It is loaded into qemu, therefore under qemu's licence; rnnc only runs it.
 * Needs no header of qemu: what it calls is declared here.
 *
 * Arguments: out=FILE and, for the cache, l1=KB,w1=WAYS,l2=KB,w2=WAYS,line=BYTES; cache=0 counts no misses.
 * FILE begins with one line of totals; then for every block a line "@ address count function" and its disassembly.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* ---- what qemu offers */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
enum { NO_REGISTERS = 0, READS_AND_WRITES = 3 };
typedef void on_event(unsigned cpu, void *data);
typedef void on_memory(unsigned cpu, uint32_t info, uint64_t address, void *data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, on_event *, int flags, void *data);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, on_event *, int flags, void *data);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, on_memory *, int flags, int which, void *data);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *);
extern char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *);
extern unsigned qemu_plugin_mem_size_shift(uint32_t info);
extern bool qemu_plugin_mem_is_store(uint32_t info);

EXPORT int qemu_plugin_version = 1;

/* ---- the cache */
struct cache {
    uint64_t sets, ways, line;
    uint64_t *tag, *used;
};

static struct cache first_level, second_level;
static uint64_t clock_tick;

static void make_cache(struct cache *cache, uint64_t bytes, uint64_t ways, uint64_t line)
{
    cache->line = line;
    cache->ways = ways;
    cache->sets = bytes / line / ways;
    cache->tag = calloc(cache->sets * ways, sizeof *cache->tag);
    cache->used = calloc(cache->sets * ways, sizeof *cache->used);
}

/* Whether the line of `address` was missing; it is there now, in place of the one used longest ago. */
static bool misses(struct cache *cache, uint64_t address)
{
    const uint64_t line = address / cache->line + 1, set = line % cache->sets * cache->ways;
    uint64_t *const tag = cache->tag + set, *const used = cache->used + set;
    uint64_t way, oldest = 0;

    clock_tick++;
    for (way = 0; way < cache->ways; way++) {
        if (tag[way] == line) {
            used[way] = clock_tick;
            return false;
        }
        if (used[way] < used[oldest])
            oldest = way;
    }
    tag[oldest] = line;
    used[oldest] = clock_tick;
    return true;
}

/* ---- what is counted */
struct block {
    uint64_t address, length, count;
    char *function, *text;
    struct block *next;
};

static struct block *blocks;
static bool inside, counts_misses = true;
static uint64_t rounds, load_bytes, store_bytes, first_misses, second_misses;
static const char *out_path;

static void at_begin(unsigned cpu, void *data)
{
    (void)cpu;
    (void)data;
    inside = true;
    rounds++;
}

static void at_end(unsigned cpu, void *data)
{
    (void)cpu;
    (void)data;
    inside = false;
}

static void at_block(unsigned cpu, void *data)
{
    (void)cpu;
    if (inside)
        ((struct block *)data)->count++;
}

static void at_memory(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    const uint64_t bytes = UINT64_C(1) << qemu_plugin_mem_size_shift(info);

    (void)cpu;
    (void)data;
    if (inside && qemu_plugin_mem_is_store(info))
        store_bytes += bytes;
    else if (inside)
        load_bytes += bytes;
    /* Accesses outside fill the cache too: what is counted begins with a warm one. */
    if (counts_misses && misses(&first_level, address)) {
        const bool far = misses(&second_level, address);
        if (inside) {
            first_misses++;
            second_misses += far;
        }
    }
}

/* ---- what is registered */
static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);

    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static char *disassembly(const struct qemu_plugin_tb *tb, size_t length)
{
    char *const text = malloc(length * 96 + 1);
    size_t i, end = 0;

    for (i = 0; i < length; i++) {
        char *const line = qemu_plugin_insn_disas(qemu_plugin_tb_get_insn(tb, i));
        end += (size_t)snprintf(text + end, 96, "%.90s\n", line);
        free(line);
    }
    return text;
}

static void at_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    const size_t length = qemu_plugin_tb_n_insns(tb);
    struct qemu_plugin_insn *const head = qemu_plugin_tb_get_insn(tb, 0);
    const char *const symbol = qemu_plugin_insn_symbol(head);
    const char *const function = symbol == NULL ? "?" : symbol;
    struct block *block;
    size_t i;

    (void)id;
    if (ends_with(function, "roi_begin") || ends_with(function, "roi_end")) {
        on_event *const mark = ends_with(function, "roi_begin") ? at_begin : at_end;
        qemu_plugin_register_vcpu_insn_exec_cb(head, mark, NO_REGISTERS, NULL);
        return;
    }
    block = calloc(1, sizeof *block);
    block->address = qemu_plugin_insn_vaddr(head);
    block->length = length;
    block->function = strdup(function);
    block->text = disassembly(tb, length);
    block->next = blocks;
    blocks = block;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, at_block, NO_REGISTERS, block);
    for (i = 0; i < length; i++)
        qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), at_memory, NO_REGISTERS, READS_AND_WRITES, NULL);
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    FILE *const out = fopen(out_path, "w");
    uint64_t instructions = 0;
    const struct block *block;

    (void)id;
    (void)data;
    if (out == NULL)
        return;
    for (block = blocks; block != NULL; block = block->next)
        instructions += block->length * block->count;
    fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, rounds, instructions, load_bytes, store_bytes);
    fprintf(out, " %" PRIu64 " %" PRIu64 "\n", first_misses, second_misses);
    for (block = blocks; block != NULL; block = block->next)
        if (block->count > 0)
            fprintf(out, "@ %" PRIx64 " %" PRIu64 " %s\n%s", block->address, block->count, block->function, block->text);
    fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
    uint64_t l1 = 32, w1 = 4, l2 = 1024, w2 = 16, line = 64, cache = 1;
    const struct {
        const char *name;
        uint64_t *value;
    } options[] = {{"l1=", &l1}, {"w1=", &w1}, {"l2=", &l2}, {"w2=", &w2}, {"line=", &line}, {"cache=", &cache}};
    int i;
    size_t k;

    (void)info;
    for (i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0)
            out_path = strdup(argv[i] + 4);
        for (k = 0; k < sizeof options / sizeof *options; k++)
            if (strncmp(argv[i], options[k].name, strlen(options[k].name)) == 0)
                *options[k].value = strtoull(argv[i] + strlen(options[k].name), NULL, 10);
    }
    if (out_path == NULL)
        return 1;
    counts_misses = cache != 0;
    make_cache(&first_level, l1 * 1024, w1, line);
    make_cache(&second_level, l2 * 1024, w2, line);
    qemu_plugin_register_vcpu_tb_trans_cb(id, at_translation);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}

/** Names of the program as C identifiers: no keyword, no kernel, no two alike. */

const keywords =
  'auto break case char const continue default do double else enum extern float for goto if inline int long ' +
  'register restrict return short signed sizeof static struct switch typedef union unsigned void volatile ' +
  'while asm bool catch class delete explicit export false friend mutable namespace new operator private ' +
  'protected public template this throw true try typename using virtual wchar_t and or not xor main NULL ' +
  'memcpy memset memcmp fabs exp log expf tanhf stdin size_t printf';

/** Parameters and locals of the emitted functions, and the kernels. */
const taken =
  'weights state count k ids scores i step now work hash status binary before seen found argc argv mode number path ' +
  'total best start inside fill_zero copy gemv_add gemm_add gemm_each_add add_panel add_tile add_edge add_band ' +
  'kron_add_b_first kron_add_c_first sparse_add_16 sparse_add_32 sparse_row_16 sparse_row_32 ' +
  'tanh_of sigmoid_of tanh_of_4 clamped lstm_cell lstm_gates ' +
  'load_lanes store_lanes activate_tanh activate_sigmoid activate_relu softmax_top advance finish crc_of compare ' +
  'starts_within indices_within_16 indices_within_32 all_within of_half_byte ulp_of ' +
  'expect fail circulant_add add_turned add_vector gate_set gate_add gru_cell running_max begin ' +
  'quantize quantize_vectors copy_strided quad two_quads codes sums hidden advance_top logits rows row top ' +
  'top_add top_end top_state exp_of';

const reserved = new Set(`${keywords} ${taken}`.split(' '));

/** `rnn1.2 gates` -> `rnn1_2_gates`; a reserved word gets an underscore behind it. */
export function cIdentifier(text: string): string {
  const cleaned = text.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=[0-9])|^$/, 'x');
  return reserved.has(cleaned) || /^sparse_add_|^integer_|^loop_\d+$/.test(cleaned) ? `${cleaned}_` : cleaned;
}

/** Gives each text its own identifier: the second `rnn1 work` becomes `rnn1_work_2`. */
export class Names {
  readonly #used = new Set<string>();

  unique(text: string): string {
    const base = cIdentifier(text);
    let name = base;
    for (let n = 2; this.#used.has(name); n++) name = `${base}_${n}`;
    this.#used.add(name);
    return name;
  }
}

/** `tokens` -> `TOKENS`, for constants. */
export const cConstant = (text: string): string => text.replace(/[^A-Za-z0-9_]+/g, '_').toUpperCase();

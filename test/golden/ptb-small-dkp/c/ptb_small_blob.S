/* ptb_small: links ptb_small_weights.bin in as it is. Written by rnnc. */
#if defined(__APPLE__)
    .section __DATA,__const
    .globl _ptb_small_weights_blob
    .p2align 6
_ptb_small_weights_blob:
#else
    .section .rodata
    .globl ptb_small_weights_blob
    .type ptb_small_weights_blob, %object
    .size ptb_small_weights_blob, 16419168
    .p2align 6
ptb_small_weights_blob:
#endif
    .incbin "ptb_small_weights.bin"
#if !defined(__APPLE__)
    .section .note.GNU-stack, "", %progbits
#endif

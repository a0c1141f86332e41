/* ptb_medium: links ptb_medium_weights.bin in as it is. Written by rnnc. */
#if defined(__APPLE__)
    .section __DATA,__const
    .globl _ptb_medium_weights_blob
    .p2align 6
_ptb_medium_weights_blob:
#else
    .section .rodata
    .globl ptb_medium_weights_blob
    .type ptb_medium_weights_blob, %object
    .size ptb_medium_weights_blob, 53644752
    .p2align 6
ptb_medium_weights_blob:
#endif
    .incbin "ptb_medium_weights.bin"
#if !defined(__APPLE__)
    .section .note.GNU-stack, "", %progbits
#endif

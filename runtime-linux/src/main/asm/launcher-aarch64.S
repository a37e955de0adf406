/*
 * The launcher for aarch64: the same steps as launcher-x86_64.S, which explains them.
 *
 * aarch64-linux-gnu-as -o launcher.o launcher-aarch64.S; the bytes of .text are the constant in LauncherImage.
 */
	.text
	.globl _start
_start:
	ldr	x1, [sp, #16]			/* argv[1] */
	mov	w4, #0
	mov	w3, #10
digit:
	ldrb	w2, [x1], #1
	subs	w2, w2, #'0'
	b.mi	map				/* the NUL at the end */
	madd	w4, w4, w3, w2
	b	digit
map:						/* mmap(TABLE, LONGEST_TABLE, READ|WRITE, SHARED|FIXED, fd, 0) */
	mov	x19, #0x10000000
	mov	x0, x19
	mov	x1, #0x1000000
	mov	x2, #3
	mov	x3, #0x11
	mov	x5, #0
	mov	x8, #222
	svc	#0
	ldr	x20, [x19, #8]			/* the first record */
record:
	ldp	x8, x0, [x20]
	ldp	x1, x2, [x20, #16]
	ldp	x3, x4, [x20, #32]
	ldr	x5, [x20, #48]
	svc	#0
	str	x0, [x20, #56]			/* the result */
	cmn	x0, #4095
	b.hs	error
	ldr	x6, [x20, #64]			/* where else to store the result */
	cbz	x6, stored
	str	x0, [x6]
stored:
	ldr	x6, [x20, #80]			/* where to go on when the result is not zero */
	cbz	x6, following
	cbz	x0, following
	mov	x20, x6
	b	record
following:
	add	x20, x20, #88
	b	record
error:
	ldr	x6, [x20, #72]			/* where to go on after an error */
	cbz	x6, fail
	mov	x20, x6
	b	record
fail:
	neg	x0, x0
	str	x0, [x19, #32]
	str	x20, [x19, #24]
	mov	x0, #127
	mov	x8, #94				/* exit_group */
	svc	#0

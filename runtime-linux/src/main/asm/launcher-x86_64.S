/*
 * The launcher: walks a launch table of system calls. See io.berth.linux.launch.LaunchTable for the table's layout.
 *
 * argv[1] is the table's file descriptor in decimal. The table is mapped shared at TABLE, so that the keeper can read
 * from its own mapping how far the launcher came. There is no stack use, no libc and no memory of anybody else here:
 * nothing that a container, once it is visible in one, could overwrite to any effect on the host.
 *
 * as --64 -o launcher.o launcher-x86_64.S; the bytes of .text are the constant in LauncherImage.
 */
	.intel_syntax noprefix
	.set TABLE, 0x10000000
	.set LONGEST_TABLE, 0x1000000
	.text
	.globl _start
_start:
	mov	rsi, [rsp + 16]			/* argv[1] */
	xor	r8d, r8d
digit:
	movzx	eax, byte ptr [rsi]
	sub	eax, '0'
	js	map				/* the NUL at the end */
	imul	r8d, r8d, 10
	add	r8d, eax
	inc	rsi
	jmp	digit
map:						/* mmap(TABLE, LONGEST_TABLE, READ|WRITE, SHARED|FIXED, fd, 0) */
	mov	eax, 9
	mov	edi, TABLE
	mov	esi, LONGEST_TABLE
	mov	edx, 3
	mov	r10d, 0x11
	xor	r9d, r9d
	syscall
	mov	ebp, TABLE
	mov	rbx, [rbp + 8]			/* the first record */
record:
	mov	rax, [rbx]
	mov	rdi, [rbx + 8]
	mov	rsi, [rbx + 16]
	mov	rdx, [rbx + 24]
	mov	r10, [rbx + 32]
	mov	r8, [rbx + 40]
	mov	r9, [rbx + 48]
	syscall
	mov	[rbx + 56], rax			/* the result */
	cmp	rax, -4095
	jae	error
	mov	rcx, [rbx + 64]			/* where else to store the result */
	test	rcx, rcx
	jz	stored
	mov	[rcx], rax
stored:
	mov	rcx, [rbx + 80]			/* where to go on when the result is not zero: the parent's side of a fork */
	test	rcx, rcx
	jz	following
	test	rax, rax
	jz	following
	mov	rbx, rcx
	jmp	record
following:
	add	rbx, 88
	jmp	record
error:
	mov	rcx, [rbx + 72]			/* where to go on after an error */
	test	rcx, rcx
	jz	fail
	mov	rbx, rcx
	jmp	record
fail:
	neg	rax
	mov	[rbp + 32], rax
	mov	[rbp + 24], rbx
	mov	edi, 127
	mov	eax, 231			/* exit_group */
	syscall

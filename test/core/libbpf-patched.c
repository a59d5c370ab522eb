/* Prints the instructions of an object's program as libbpf has relocated them against a BTF file, one a line. */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>

static int print_warnings(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

int main(int count, char **args)
{
	if (count != 3)
		return 2;
	libbpf_set_print(print_warnings);
	struct bpf_object_open_opts options = {.sz = sizeof(options), .btf_custom_path = args[2]};
	struct bpf_object *object = bpf_object__open_file(args[1], &options);
	struct bpf_program *program = object ? bpf_object__next_program(object, NULL) : NULL;
	if (!program)
		return 1;
	/* Relocated for another kernel, it may not load here: what it was relocated to can be seen all the same. */
	bpf_object__load(object);
	const struct bpf_insn *code = bpf_program__insns(program);
	for (size_t at = 0; at < bpf_program__insn_cnt(program); at++)
		printf("%02x %d %d %d %d\n", code[at].code, code[at].dst_reg, code[at].src_reg, code[at].off, code[at].imm);
	return 0;
}

#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdarg.h>
static int p(enum libbpf_print_level l,const char*f,va_list a){return l==LIBBPF_WARN?vfprintf(stderr,f,a):0;}
int main(int c,char**v){libbpf_set_print(p);struct bpf_object_open_opts o={.sz=sizeof o,.btf_custom_path=v[2]};
struct bpf_object*b=bpf_object__open_file(v[1],&o);struct bpf_program*g=bpf_object__next_program(b,0);
int r=bpf_object__load(b);fprintf(stderr,"load %d\n",r);
const struct bpf_insn*i=bpf_program__insns(g);for(size_t n=0;n<bpf_program__insn_cnt(g);n++)printf("%02x %d %d %d %d\n",i[n].code,i[n].dst_reg,i[n].src_reg,i[n].off,i[n].imm);}

/** Functions of the kernel that programs call (kfuncs): methods of `Kfuncs`. */
import type { BtfParam, TypeId } from "@waggle/object";
import { isEntity, type Scope, strip } from "./scope.js";
import { valueText } from "./type-text.js";

/** Those whose result may be null, beside what the names below say: `KF_RET_NULL` in the kernel's sources, which BTF does not tell. */
const mayGiveNull: ReadonlySet<string> = new Set(
  (
    "bpf_task_acquire bpf_task_from_pid bpf_task_from_vpid bpf_task_get_cgroup1 bpf_get_task_exe_file bpf_cgroup_acquire " +
    "bpf_cgroup_ancestor bpf_cgroup_from_id bpf_cpumask_create bpf_cpumask_acquire bpf_crypto_ctx_create " +
    "bpf_crypto_ctx_acquire bpf_dynptr_slice bpf_dynptr_slice_rdwr bpf_list_pop_front bpf_list_pop_back bpf_list_front " +
    "bpf_list_back bpf_rbtree_remove bpf_rbtree_first bpf_rbtree_root bpf_rbtree_left bpf_rbtree_right bpf_refcount_acquire_impl " +
    "bpf_lookup_user_key bpf_lookup_system_key bpf_xdp_ct_alloc bpf_xdp_ct_lookup bpf_skb_ct_alloc bpf_skb_ct_lookup " +
    "bpf_ct_insert_entry bpf_xdp_get_xfrm_state bpf_xdp_flow_lookup bpf_get_kmem_cache bpf_get_mem_cgroup bpf_get_root_mem_cgroup " +
    "scx_bpf_dsq_peek scx_bpf_cpu_curr scx_bpf_locked_rq"
  ).split(" "),
);

const givesNull = (name: string): boolean => mayGiveNull.has(name) || /^bpf_iter_\w+_next$/.test(name);

/** `bpf_task_from_pid(pid: i32): KernelPtr<task_struct> | null`. */
export function kfuncText(scope: Scope, name: string, params: readonly BtfParam[], returns: TypeId): string {
  // What the kernel passes itself ends so.
  const given = params.filter((param) => param.type !== 0 && !/__(ign|prog|aux)$/.test(param.name));
  const list = given.map((param, index) => {
    const label = /^[A-Za-z_$][\w$]*$/.test(param.name) ? param.name : `arg${index}`;
    return `${label}: ${parameterText(scope, param.type)}`;
  });
  const result = valueText(scope, returns, "    ").text;
  return `${name}(${list.join(", ")}): ${result}${givesNull(name) ? " | null" : ""}`;
}

/** Structs that programs have themselves: on the stack, or as their context. */
const ownStructs = /^(bpf_dynptr|bpf_iter_\w+|__sk_buff|xdp_md|\w+_opts(___\w+)?)$/;

/** What a pointer to no struct of the kernel's points to is the program's own memory. */
function parameterText(scope: Scope, id: TypeId): string {
  const { type } = strip(scope, id);
  if (type.kind !== "pointer") return valueText(scope, id, "    ").text;
  const target = strip(scope, type.type);
  const isKernels =
    isEntity(scope, target.id) && !("name" in target.type && ownStructs.test(target.type.name));
  return isKernels ? valueText(scope, id, "    ").text : "object";
}

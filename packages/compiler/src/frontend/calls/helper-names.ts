/** What @waggle/kernel calls the kernel's helpers. */

/** `skbPullData` of `bpf_skb_pull_data`. */
export const titleOf = (name: string): string =>
  name.replace(/^bpf_/, "").replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

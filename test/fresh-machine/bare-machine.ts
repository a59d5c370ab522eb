import { spawnSync } from "node:child_process";

const unmountAll = `
for at in /sys/fs/bpf /sys/kernel/tracing /sys/kernel/debug/tracing /sys/kernel/debug; do
  while mountpoint -q "$at"; do umount -l "$at" || exit 1; done
done
exec "$@"
`;

/** The command line that runs a command where no BPF file system, tracefs or debugfs is mounted. Needs root. */
export function onBareMachine(
  command: string,
  args: readonly string[],
): readonly [string, readonly string[]] {
  return ["unshare", ["--mount", "--propagation", "private", "sh", "-c", unmountAll, "sh", command, ...args]];
}

/** Why there is no such place on this machine, or "". */
export function whyNoBareMachine(): string {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs Linux and root";
  const [command, args] = onBareMachine("true", []);
  const { status, error, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000 });
  if (error !== undefined) return `unshare does not run: ${error.message}`;
  return status === 0 ? "" : `mount namespaces are not allowed: ${stderr.trim()}`;
}

import { existsSync, statSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import type { FSWatcher } from "chokidar";
import { watch as watchFiles } from "chokidar";
import { buildOnce } from "./build.js";
import type { BuildOptions, BuildResult } from "./result.js";

/** Changes that come within this time of each other make one build: editors write a file in several steps. */
const quietMs = 60;

/** What a watch tells of. */
export interface WatchEvents<Result = BuildResult> {
  /** A build is about to start because `changed` did; empty for the first. */
  onStart?(changed: readonly string[]): void;
  /** A build has ended; `watched` is the number of files and folders that are watched now. */
  onBuild(result: Result, watched: number): void | Promise<void>;
}

/**
 * Builds, and builds again whenever a file that went into the build changes, wherever it lies, or a kernel file comes
 * or goes. Errors are results like others and do not end it. Installed packages are not watched.
 * @param signal ends it; the returned promise then resolves when the last build is through and nothing is watched
 * @throws UsageError as `buildEbpf` does, from the first build only
 */
export function watchEbpf(options: BuildOptions, events: WatchEvents, signal: AbortSignal): Promise<void> {
  return watchRuns(() => buildOnce(options), events, signal);
}

/** `watchEbpf` for anything that is done again when its inputs change: `run` says what these were. */
export async function watchRuns<Result>(
  run: () => Promise<{ readonly result: Result; readonly watch: readonly string[] }>,
  events: WatchEvents<Result>,
  signal: AbortSignal,
): Promise<void> {
  const watched = new Set<string>();
  const changed = new Set<string>();
  let wake = () => {};
  signal.addEventListener("abort", () => wake());
  let watcher: FSWatcher | null = null;
  const ignored = (path: string) =>
    path.endsWith(".tmp") || path.endsWith("~") || !concerns(resolve(path), watched);
  try {
    events.onStart?.([]);
    while (!signal.aborted) {
      const started = Date.now();
      const { result, watch } = await run();
      const added = watch.filter((path) => !watched.has(path) && !path.includes(`${sep}node_modules${sep}`));
      for (const path of added) watched.add(path);
      const existing = added.map(existingPart);
      if (watcher === null) watcher = await startWatcher(existing);
      else watcher.add(existing);
      // What was saved between being read and being watched has made no event.
      for (const path of added) if (modifiedSince(path, started)) changed.add(path);
      await events.onBuild(result, watched.size);
      await settle();
      if (signal.aborted) break;
      const paths = [...changed].sort();
      changed.clear();
      events.onStart?.(paths);
    }
  } finally {
    await watcher?.close();
  }

  async function startWatcher(paths: string[]): Promise<FSWatcher> {
    const created = watchFiles(paths, { ignoreInitial: true, ignored });
    created.on("all", (_event, path) => {
      changed.add(path);
      wake();
    });
    // A path that cannot be watched (a limit, a permission) must not end the session: builds read it all the same.
    created.on("error", () => {});
    await new Promise<void>((ready) => created.once("ready", () => ready()));
    return created;
  }

  /** Resolves when something has changed and then nothing for a while, or on abort. */
  async function settle(): Promise<void> {
    while (changed.size === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
    for (let seen = -1; seen !== changed.size && !signal.aborted; ) {
      seen = changed.size;
      await new Promise((done) => setTimeout(done, quietMs));
    }
  }
}

function modifiedSince(path: string, time: number): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.mtimeMs > time;
}

/** The path, or the nearest folder above it that exists: the watcher sees nothing of a path that is not there yet. */
function existingPart(path: string): string {
  for (let at = path; ; at = dirname(at)) if (existsSync(at) || dirname(at) === at) return at;
}

/** Whether an event at `path` may matter to one of `targets`: it is on the way to it, the target itself, or inside it. */
function concerns(path: string, targets: ReadonlySet<string>): boolean {
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(outer + sep);
  for (const target of targets) if (within(path, target) || within(target, path)) return true;
  return false;
}

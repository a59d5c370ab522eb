import type { Terminal } from "../terminal.js";
import { displayPath } from "./diagnostics.js";
import type { BuildEvent } from "./result.js";
import { classSummary, count, formatDuration } from "./summary.js";

/** Shows the steps of one build. */
export interface Progress {
  onEvent(event: BuildEvent): void;
  /** Resolves when everything is drawn; call it once the build has ended, also when it threw. */
  close(): Promise<void>;
}

/** Progress that redraws in a terminal, and plain lines elsewhere. */
export function createProgress(terminal: Terminal): Promise<Progress> {
  return terminal.interactive ? liveProgress(terminal) : Promise.resolve(plainProgress(terminal));
}

/** Plain lines for what a rebuild changed: nothing on what was fresh. */
export function changesProgress(terminal: Terminal): Progress {
  const { onEvent, close } = plainProgress(terminal);
  return { onEvent: (event) => (event.type === "fresh" ? undefined : onEvent(event)), close };
}

function plainProgress(terminal: Terminal): Progress {
  return {
    onEvent(event) {
      if (event.type === "found" || event.type === "compiling") return;
      terminal.write(
        describe(terminal, event)
          .map((line) => `${line}\n`)
          .join(""),
      );
    },
    close: async () => {},
  };
}

type FileEnd = Extract<BuildEvent, { type: "fresh" | "built" | "failed" }>;

/** One line for each class of a file; none for a file without classes. */
function describe(terminal: Terminal, event: FileEnd): string[] {
  const { out, cwd } = terminal;
  if (event.type === "failed") {
    return [`${out.red("failed")} ${displayPath(cwd, event.file)}: ${count(event.errors, "error")}`];
  }
  const label = event.type === "fresh" ? out.dim("fresh ") : out.green("built ");
  const time = event.type === "built" ? `, ${formatDuration(event.durationMs)}` : "";
  return event.classes.map((built) => `${label} ${classSummary(cwd, built)}${time}`);
}

async function liveProgress(terminal: Terminal): Promise<Progress> {
  const { Listr } = await import("listr2");
  const ends = new Map<string, (event: FileEnd | null) => void>();
  let drawn: Promise<unknown> = Promise.resolve();
  return {
    onEvent(event) {
      if (event.type === "found") {
        const tasks = event.files.map((file) => {
          const end = new Promise<FileEnd | null>((resolve) => ends.set(file, resolve));
          return {
            title: displayPath(terminal.cwd, file),
            task: async (_context: unknown, task: { title: string }) => {
              const event = await end;
              if (event === null) return;
              const lines = describe(terminal, event);
              if (lines.length > 0) task.title = lines.join("\n");
              if (event.type === "failed") throw new Error(task.title);
            },
          };
        });
        drawn = new Listr(tasks, { exitOnError: false, registerSignalListeners: false }).run();
      } else if (event.type !== "compiling") {
        ends.get(event.file)?.(event);
      }
    },
    async close() {
      for (const end of ends.values()) end(null);
      await drawn;
    },
  };
}

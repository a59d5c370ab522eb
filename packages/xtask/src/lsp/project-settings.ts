/** The settings of the projects that open files belong to, read again when a configuration changes. */
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { BuildFailure } from "../build/diagnostics.js";
import { nearestProject } from "../build/find.js";
import type { Diagnostic } from "../build/result.js";
import type { Settings } from "../build/settings.js";
import { resolveSettings } from "../build/settings.js";
import { configNames, loadConfig } from "../config/load.js";

/** A project as the server sees it. */
export interface ServedProject extends Settings {
  /** Absolute; the file's own folder when it is in no project. */
  readonly project: string;
  /** What is wrong with its configuration, in whose place the defaults stand. */
  readonly problems: readonly Diagnostic[];
}

/** Gives the project of a file. */
export function createProjects(): (file: string) => Promise<ServedProject> {
  const known = new Map<string, { stamp: string; served: ServedProject }>();
  return async (file) => {
    const project = nearestProject(dirname(file)) ?? dirname(file);
    const stamp = configStamp(project);
    const old = known.get(project);
    if (old?.stamp === stamp) return old.served;
    const served = await read(project);
    known.set(project, { stamp, served });
    return served;
  };
}

async function read(project: string): Promise<ServedProject> {
  try {
    const { config } = await loadConfig(project);
    return { project, ...resolveSettings(project, project, {}, config), problems: [] };
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    return { project, ...resolveSettings(project, project, {}, {}), problems: error.diagnostics };
  }
}

function configStamp(project: string): string {
  return configNames
    .map((name) => statSync(join(project, name), { throwIfNoEntry: false })?.mtimeMs ?? "-")
    .join(" ");
}

/** What shows only when all files of a build are seen. */
import { BuildCode, buildDiagnostic, displayPath } from "./diagnostics.js";
import type { Sources } from "./find.js";
import { classHelp } from "./find.js";
import type { BuiltClass, Diagnostic } from "./result.js";

/** A mistake in a file that several classes import is found with each of them, and told once. */
export function withoutRepeats(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
}

/** Gives each class its output path; an error for each whose path another class has already. */
export function claim(
  owners: Map<string, { name: string; file: string }>,
  classes: readonly BuiltClass[],
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const built of classes) {
    const owner = owners.get(built.module);
    owners.set(built.module, owner ?? built);
    if (owner === undefined) continue;
    diagnostics.push(
      buildDiagnostic(BuildCode.SameOutput, built.file, `two classes would be written to ${built.module}`, {
        notes: [`${owner.name} of ${owner.file}`, `${built.name} of ${built.file}`],
        help: "rename one of them: the file is named after the class",
      }),
    );
  }
  return diagnostics;
}

/** The diagnostic of files without a kernel class. */
export function noClasses(cwd: string, sources: Sources): Diagnostic {
  const names = sources.files.map((file) => displayPath(cwd, file)).join(", ");
  const searched = sources.searched === null ? names : `${sources.searched}: ${names}`;
  return buildDiagnostic(BuildCode.NoClasses, sources.project, `no kernel classes in ${searched}`, {
    help: classHelp,
  });
}

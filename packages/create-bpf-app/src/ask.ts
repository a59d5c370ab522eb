import { resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { cancel, isCancel, select, text } from "@clack/prompts";
import { requireFree } from "./scaffold.js";
import { defaultTemplate, listTemplates } from "./templates.js";

/** What a person may be asked for. */
export interface Answers {
  readonly directory: string;
  readonly template: string;
}

/** Where questions are asked; the process's own streams by default. */
export interface Streams {
  readonly input?: Readable;
  readonly output?: Writable;
}

/** Asks for what is missing; null when the person cancels. Nothing has been written by then. */
export async function ask(
  known: Partial<Answers>,
  cwd: string,
  streams: Streams = {},
): Promise<Answers | null> {
  const directory = known.directory ?? (await askDirectory(cwd, streams));
  const template = directory === null ? null : (known.template ?? (await askTemplate(streams)));
  if (directory !== null && template !== null) return { directory, template };
  cancel("Nothing was written.", streams);
  return null;
}

async function askDirectory(cwd: string, streams: Streams): Promise<string | null> {
  const answer = await text({
    ...streams,
    message: "Where should the project go?",
    placeholder: defaultDirectory,
    defaultValue: defaultDirectory,
    validate(value) {
      try {
        requireFree(resolve(cwd, value || defaultDirectory));
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  });
  return isCancel(answer) ? null : answer;
}

async function askTemplate(streams: Streams): Promise<string | null> {
  const options = listTemplates().map(({ name, description }) => ({
    value: name,
    label: name,
    hint: description,
  }));
  const answer = await select({
    ...streams,
    message: "What should it begin with?",
    options,
    initialValue: defaultTemplate,
  });
  return isCancel(answer) ? null : answer;
}

/** The folder that is taken when nobody chooses. */
export const defaultDirectory = "my-bpf-app";

/**
 * Command line: `crawl config show|check|schema`. `show` prints the settings a run with the same flags would have, as a
 * config file that can be saved and used; `check` all problems at once; `schema` the JSON Schema for editors.
 */
import type { Option } from '../config/option.ts';
import { SETTINGS, type Setting } from '../config/options.ts';
import { writtenConfig } from '../config/load.ts';
import { assertValid, resolveConfig, type ResolvedConfig } from '../config/resolve.ts';
import { didYouMean } from '../config/suggest.ts';
import { ConfigError } from '../model/errors.ts';
import { checkSelector } from '../parse/check-selector.ts';
import type { Invocation } from './command.ts';
import { EXIT } from './exit-codes.ts';

const ACTIONS = ['show', 'check', 'schema'];
const PLAIN: ReadonlySet<Option['kind']> = new Set(['duration', 'size', 'rate', 'enum', 'integer']);

/** Where the comments of `--origin` start, if the value leaves room. */
const COMMENT_COLUMN = 44;

/** @throws {ConfigError} with all problems of the configuration. */
export async function configCommand(invocation: Invocation): Promise<number> {
  const { words, flags, terminal } = invocation;
  const [action, file] = words;
  if (action === undefined || !ACTIONS.includes(action)) {
    const got = action === undefined ? '' : `, got ${action}${didYouMean(action, ACTIONS)}`;
    throw new ConfigError([`config takes show, check or schema${got}`], 'ERR_USAGE');
  }
  if (action === 'schema') {
    terminal.line(JSON.stringify(await schema(flags['events'] === true), null, 2));
    return EXIT.finished;
  }
  const resolved = resolveConfig({ argv: flags, env: invocation.env, cwd: invocation.cwd, configFile: file });
  assertValid(resolved, checkSelector);
  if (action === 'check') {
    const what = file ?? (typeof flags['config'] === 'object' ? flags['config'].at(-1) : undefined);
    terminal.say(`${what ?? 'the configuration (flags and environment)'} is valid`);
  } else if (flags['json'] === true) {
    const config = writtenConfig(resolved);
    const origins = Object.fromEntries(resolved.origins);
    terminal.line(JSON.stringify(flags['origin'] === true ? { config, origins } : config, null, 2));
  } else {
    for (const line of yamlLines(resolved, flags['origin'] === true)) terminal.line(line);
  }
  return EXIT.finished;
}

async function schema(isEvents: boolean): Promise<object> {
  if (!isEvents) return (await import('../config/schema.ts')).configJsonSchema();
  return (await import('../report/event-schema.ts')).eventsJsonSchema();
}

/** YAML by hand, as each value carries its origin: JSON values are YAML values, so nothing needs quoting rules of its own. */
function yamlLines(resolved: ResolvedConfig, hasOrigins: boolean): string[] {
  const written = writtenConfig(resolved);
  const lines = new Map<string, string[]>();
  for (const setting of SETTINGS.values()) {
    const [section = '', key] = setting.path.split('.');
    const group = lines.get(section) ?? (key === undefined ? [] : [`${section}:`]);
    lines.set(section, group);
    const holder = key === undefined ? written : ((written[section] ?? {}) as Readonly<Record<string, unknown>>);
    const value = holder[key ?? section];
    const name = key === undefined ? section : `  ${key}`;
    if (value === undefined) group.push(`${key === undefined ? '# ' : '  # '}${name.trim()}: ${unset(setting)}`);
    else
      group.push(
        withComment(`${name}: ${yamlValue(setting, value)}`, hasOrigins ? originOf(resolved, setting) : undefined),
      );
  }
  return [...lines.values()].flat();
}

function originOf(resolved: ResolvedConfig, { path }: Setting): string {
  const isImplied = path === 'storage.output' && !resolved.values.has(path);
  return isImplied ? 'default: named after the input' : (resolved.origins.get(path) ?? 'default');
}

function unset(option: Option): string {
  return `not set${option.defaultText === undefined ? '' : ` (${option.defaultText})`}`;
}

/** Words of the option table and values with units read better without quotes, and mean the same in YAML. */
function yamlValue(setting: Setting, value: unknown): string {
  return typeof value === 'string' && PLAIN.has(setting.kind) ? value : JSON.stringify(value);
}

function withComment(line: string, comment: string | undefined): string {
  return comment === undefined ? line : `${line.padEnd(COMMENT_COLUMN)} # ${comment}`;
}

import { expect, test } from 'vitest';

import { COMMANDS } from '../../../src/cli/commands.ts';
import { fullHelp, newcomerHelp } from '../../../src/cli/help.ts';
import { environmentName, flagText, OPTIONS, SETTINGS } from '../../../src/config/options.ts';
import { optionReference } from '../../../src/config/reference.ts';
import { parseValue, writeValue } from '../../../src/config/values.ts';

const flags = OPTIONS.filter((option) => option.flag !== null);

test('no flag, short or path is used twice', () => {
  for (const key of ['flag', 'short', 'path'] as const) {
    const used = OPTIONS.map((option) => option[key]).filter((value) => value !== undefined && value !== null);
    expect(new Set(used).size).toBe(used.length);
  }
});

test('every default is a valid value of its own option', () => {
  for (const setting of SETTINGS.values()) {
    if (setting.default === null) continue;
    const parsed = parseValue(setting, setting.default);
    expect(parsed, setting.path).toHaveProperty('value');
    if ('value' in parsed) expect(writeValue(setting, parsed.value), setting.path).toBe(setting.default);
  }
});

test.each(flags)('--$flag stands in --help, in help all and in the README reference', (option) => {
  const flag = flagText(option);
  expect(newcomerHelp()).toContain(flag);
  expect(fullHelp()).toContain(flag);
  expect(optionReference()).toContain(`\`${flag}`);
});

test('a key without a flag stands in the README reference', () => {
  for (const setting of SETTINGS.values()) expect(optionReference()).toContain(`\`${setting.path}\``);
});

test('help shows the commands of a newcomer, and help all every command and exit code', () => {
  expect(COMMANDS.filter((command) => command.isForNewcomers).map(({ name }) => name)).toEqual([
    'run', 'inspect', 'cat', 'query', 'export', 'retry', 'demo',
  ]); // prettier-ignore
  for (const { name, summary } of COMMANDS) expect(fullHelp()).toContain(`${name.padEnd(10)}${summary}`);
  for (const code of ['0', '1', '2', '3', '4', '5', '6', '129', '130, 143'])
    expect(fullHelp()).toMatch(new RegExp(`^  ${code} `, 'm'));
});

test('help fits 100 columns', () => {
  for (const line of newcomerHelp().split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('every command has three examples', () => {
  for (const command of COMMANDS) expect(command.examples).toHaveLength(3);
});

test('environment names are made of group and key', () => {
  expect(environmentName('fetch.max-size')).toBe('CRAWL_FETCH__MAX_SIZE');
  expect(environmentName('extract')).toBe('CRAWL_EXTRACT');
});

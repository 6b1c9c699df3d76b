/** README, ARCHITECTURE and docs/ say what the program does: rendered parts, flags, links, dependencies, errors. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS, findCommand } from '../../../src/cli/commands.ts';
import { EXIT, EXIT_CODE_TEXTS } from '../../../src/cli/exit-codes.ts';
import { commandHelp, fullHelp, newcomerHelp } from '../../../src/cli/help.ts';
import { flagText, OPTIONS } from '../../../src/config/options.ts';
import { ERROR_CLASSES } from '../../../src/model/error-codes.ts';
import { DOCUMENTS, readDocument, renderedDocument } from '../../support/documents.ts';
import { commandLines, fileLinks } from './snippets.ts';

const README = readDocument('README.md');
const ARCHITECTURE = readDocument('ARCHITECTURE.md');
const ERRORS = readDocument('docs/errors.md');

describe.each(DOCUMENTS)('%s', (name) => {
  const text = readDocument(name);

  test('holds its rendered parts as the program has them (node test/support/documents.ts writes them anew)', () => {
    expect(text).toBe(renderedDocument(text));
  });

  test('links to files that exist, and to headings that they have', () => {
    for (const link of fileLinks(text)) {
      const [path = '', heading] = link.split('#');
      const target = path === '' ? name : join(dirname(name), path);
      expect(existsSync(target), `${name} links to ${link}`).toBe(true);
      if (heading !== undefined)
        expect(headings(readFileSync(target, 'utf8')), `${name} links to ${link}`).toContain(heading);
    }
  });

  test('names no flag that its command does not have', async () => {
    for (const line of commandLines(text)) {
      const words = line.split(/\s+/);
      const command = words.map(findCommand).find((found) => found !== undefined) ?? COMMANDS[0];
      const options = (await command?.narrowed?.(words))?.options ?? command?.options;
      // What stands in quotes is a value.
      for (const [, flag = ''] of line.replaceAll(/'[^']*'/g, '').matchAll(/\s(--[a-z][a-z-]*)/g)) {
        expect(options?.map(flagText), line).toContain(flag);
      }
    }
  });
});

/** A pattern that matches this very text. */
function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

function headings(markdown: string): string[] {
  return Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('README', () => {
  test('begins with one sentence and the two commands, and stays short', () => {
    const [, first = '', second = ''] = README.split(/\n\n+/);
    expect(first.match(/\.(?:\s|$)/g)).toHaveLength(1);
    expect(second).toBe('```sh\nnpm ci && npx crawl demo\nnpm ci && npm test\n```');
    expect(README.split('\n').length).toBeLessThan(350);
  });

  test.each(OPTIONS.map((option) => [flagText(option), option] as const))(
    '%s stands in README and --help',
    (flag, option) => {
      expect(README).toContain(`\`${flag}`);
      if (option.flag === null) return;
      expect(newcomerHelp()).toContain(flag);
      expect(fullHelp()).toContain(flag);
    },
  );

  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    'crawl %s stands in README and help',
    (_, command) => {
      expect(README).toContain(`\`${command.usage.replaceAll('|', '\\|')}\``);
      expect(fullHelp()).toContain(command.usage);
      for (const option of command.options) {
        expect(README, `${command.name} ${flagText(option)}`).toContain(`\`${flagText(option)}`);
        if (option.flag !== null) expect(commandHelp(command)).toContain(flagText(option));
      }
    },
  );

  test('explains every exit code that the program ends with', () => {
    const explained = EXIT_CODE_TEXTS.flatMap(([codes]) => codes.split(', ').map(Number));
    expect(new Set(explained)).toEqual(new Set<number>(Object.values(EXIT)));
    for (const [codes, meaning] of EXIT_CODE_TEXTS) expect(README).toContain(`| ${codes} | ${meaning} |`);
  });

  test('nowhere says that robots.txt is not read', () => {
    for (const text of [newcomerHelp(), README, ERRORS]) expect(text).not.toMatch(/robots\.txt is not read/);
  });
});

describe('docs/errors.md', () => {
  test.each(Object.entries(ERROR_CLASSES))('documents %s with its remedy', (name, { remedy }) => {
    expect(ERRORS).toMatch(new RegExp(`^\\| \`${name}\` \\| [^|]+ \\| ${literally(remedy)} \\|$`, 'm'));
  });

  // Types leave nothing behind at run time: the members of these unions are read off their source.
  test.each([
    ['src/model/errors.ts', 'CrawlErrorCode'],
    ['src/url/canonical.ts', 'UrlProblem'],
    ['src/producer/line-cursor.ts', 'LineFault'],
  ])('documents every member of %s: %s', (file, type) => {
    const declaration = new RegExp(`type ${type} =([^;]+);`).exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    const members = Array.from(declaration.matchAll(/'([\w-]+)'/g), ([, member = '']) => member);
    expect(members).not.toEqual([]);
    for (const member of members) expect(ERRORS).toContain(`\`${member}\``);
  });
});

describe('ARCHITECTURE', () => {
  test('numbers the data flow from 1 to 9, each step with a file', () => {
    const steps = Array.from(ARCHITECTURE.matchAll(/^(\d)\. [^]*?(?=^\d\. |^$)/gm), ([step, number]) => [number, step]);
    expect(steps.map(([number]) => number)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    for (const [, step = ''] of steps) expect(step).toMatch(/\]\(src\/[\w/-]+\.ts\)/);
  });

  test('names every folder of src/', () => {
    for (const folder of globSync('src/*/'))
      expect(ARCHITECTURE).toMatch(new RegExp(`^  ${folder.slice(4).replace('/', '')}/ `, 'm'));
  });

  test('gives a reason for every dependency that the sources import, and for no other', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const sources = globSync('src/**/*.ts')
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const imported = Object.keys(dependencies).filter((name) =>
      new RegExp(`['"]${literally(name)}(?:/[\\w/-]+)?['"]`).test(sources),
    );
    const table = ARCHITECTURE.slice(ARCHITECTURE.indexOf('### Dependencies'));
    const explained = Array.from(table.matchAll(/^\| (`[^|]+) \|/gm), ([, cell = '']) => cell.split(', ')).flat();
    expect(explained.map((name) => name.replaceAll('`', '')).toSorted()).toEqual(imported.toSorted());
  });
});

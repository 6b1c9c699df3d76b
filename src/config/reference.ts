/**
 * Config: the option table as Markdown, for the README. In: nothing. Out: one table per group of `--help`. A test holds the
 * README against it.
 */
import { OPTION_GROUPS, type Option } from './option.ts';
import { flagText, OPTIONS } from './options.ts';

/** Markdown: flag, config key, default, meaning. */
export function optionReference(): string {
  const blocks = OPTION_GROUPS.map((group) => {
    const rows = OPTIONS.filter((option) => option.group === group).map(row);
    return [`**${group}**`, '', '| flag | config key | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

function row(option: Option): string {
  const short = option.short === undefined ? '' : `\`-${option.short}\`, `;
  const argument = option.argument === undefined || option.flag === null ? '' : ` ${option.argument}`;
  const value = option.flag === null ? '=…' : '';
  const meaning = option.more === undefined ? option.help : `${option.help}. ${option.more}`;
  const cells = [
    `${short}\`${flagText(option)}${value}${argument}\``,
    option.path === null ? '' : `\`${option.path}\``,
    defaultText(option),
    meaning,
  ];
  // A bar would end the cell, also inside code.
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultText(option: Option): string {
  if (option.defaultText !== undefined) return option.defaultText;
  if (option.default === null || option.default === false) return '';
  return `\`${String(option.default)}\``;
}

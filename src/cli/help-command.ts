/** Command line: `crawl help [all|COMMAND]`. Help that was asked for is data: it goes to stdout. */
import { didYouMean } from '../config/suggest.ts';
import { ConfigError } from '../model/errors.ts';
import type { Invocation } from './command.ts';
import { COMMANDS, findCommand } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { commandHelp, fullHelp, newcomerHelp } from './help.ts';

/** @throws {ConfigError} `ERR_USAGE` for a command that does not exist. */
export async function helpCommand({ words, terminal }: Invocation): Promise<number> {
  const [topic] = words;
  terminal.data(topic === undefined ? newcomerHelp() : topicHelp(topic));
  return await Promise.resolve(EXIT.finished);
}

function topicHelp(topic: string): string {
  if (topic === 'all') return fullHelp();
  const command = findCommand(topic);
  if (command !== undefined) return commandHelp(command);
  const names = ['all', ...COMMANDS.map(({ name }) => name)];
  throw new ConfigError([`there is no command ${topic}${didYouMean(topic, names)}`], 'ERR_USAGE');
}

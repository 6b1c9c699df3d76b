/** Laboratory: a program that starts a thread and waits for it, or does not, or lets it go: what is printed, and in which order. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { equal, staysWithin, type Check } from './support/checks.ts';
import { defineExperiment, type Experiment } from './support/experiment.ts';
import type { Lane, LogLine } from './support/lanes.ts';
import { choice, duration } from './support/parameters.ts';
import { taskModule } from './support/task-module.ts';

const MODES = ['none', 'await', 'unref'] as const;
type Mode = (typeof MODES)[number];

/** What each mode prints, in order. */
const EXPECTED: Readonly<Record<Mode, string>> = {
  none: 'main done, task started, task done',
  await: 'task started, task done, main done',
  unref: 'main done',
};

export const experiment: Experiment = defineExperiment({
  name: 'join',
  topic: 'Threads and tasks',
  rows: ['4.3', '0.10'],
  summary:
    'A program starts a thread and does not wait for it, waits for it, or lets go of it (a daemon thread); each in a process.',
  watch: [
    'the line “main done”. Without waiting it comes first, yet the process stays until its thread has ended.',
    'Let go (unref), the thread does not keep the process: that ends with its main thread, and the task is never done.',
  ],
  parameters: {
    mode: choice('what main does about its thread', [...MODES, 'all'], 'all'),
    ms: duration('how long the thread takes', '400ms'),
  },
  isSeeded: false,
  hasBroken: false,
  async run({ parameters: { mode, ms } }) {
    const modes = mode === 'all' ? MODES : [mode];
    const programs = await Promise.all(modes.map((mode) => runProgram(mode, ms)));
    return {
      unit: 'ms',
      lanes: programs.flatMap(({ lanes }) => lanes),
      log: programs.flatMap(({ mode, lines }) => lines.map((line) => ({ ...line, task: mode }))),
      values: Object.fromEntries(
        programs.flatMap(({ mode, lines }) => [[`${mode}: main done after, ms`, at(lines, 'main done')]]),
      ),
      checks: programs.flatMap((program) => checksOf(program, ms)),
      defect: null,
      verdict:
        'starting is not waiting: only join puts what follows behind the task, and only unref lets the process go',
    };
  },
});

interface Program {
  readonly mode: Mode;
  readonly code: number;
  readonly lines: readonly LogLine[];
  readonly lanes: readonly Lane[];
}

/** A process that does not end by itself is ended after this long more than its thread takes. */
const PATIENCE_MS = 4000;

async function runProgram(mode: Mode, ms: number): Promise<Program> {
  const program = fileURLToPath(taskModule('join-program'));
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
    execFile(process.execPath, [program, mode, String(ms)], { timeout: ms + PATIENCE_MS }, (error, stdout) =>
      resolve({ code: error === null ? 0 : 1, stdout }),
    );
  });
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line, step): LogLine => {
      const [time = '', ...words] = line.split(' ');
      return { at: Number(time), step, task: words[0] ?? '', text: words.join(' ') };
    });
  return { mode, code, lines, lanes: lanesOf(mode, lines) };
}

function lanesOf(mode: Mode, lines: readonly LogLine[]): Lane[] {
  const mainDone = at(lines, 'main done');
  const [started, done] = [at(lines, 'task started'), at(lines, 'task done')];
  return [
    { name: `${mode}: main`, spans: [{ from: 0, to: mainDone, kind: mode === 'await' ? 'waits' : 'works' }] },
    { name: `${mode}: task`, spans: done === 0 ? [] : [{ from: started, to: done, kind: 'works' }] },
  ];
}

/** 0 where the line never came. */
function at(lines: readonly LogLine[], text: string): number {
  return lines.find((line) => line.text === text)?.at ?? 0;
}

function checksOf({ mode, code, lines }: Program, ms: number): Check[] {
  const printed = lines.map(({ text }) => text).join(', ');
  const mainDone = at(lines, 'main done');
  return [
    equal(`${mode}: exit code`, 0, code),
    equal(`${mode}: lines`, EXPECTED[mode], printed),
    mode === 'await'
      ? equal('await: main is done after the task', true, mainDone >= at(lines, 'task done') && mainDone >= ms * 0.95)
      : staysWithin(`${mode}: main is done after`, 5, mainDone, ms + PATIENCE_MS),
  ];
}

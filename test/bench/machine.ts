/** The machine that figures come from, in one line each: figures without it say nothing. */
import { cpus, release, totalmem } from 'node:os';
import { isInMemory } from './work-folder.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Where everything is stored: true where that is memory and no disk is measured. */
  readonly inMemory: boolean;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown processor',
    cores: all.length,
    memoryBytes: totalmem(),
    kernel: `${process.platform} ${release()}`,
    node: process.version,
    inMemory: isInMemory(),
  };
}

export function machineLine({ cpu, cores, memoryBytes, kernel, node, inMemory }: Machine): string {
  const where = inMemory ? 'stored in memory' : 'stored on a disk, which is measured too';
  return `${cpu}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, ${kernel}, Node ${node}, ${where}`;
}

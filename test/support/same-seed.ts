/**
 * Property tests draw the same cases in every run: one that fails fails again, and a change is not blamed for what another
 * draw would have found before it. `WEIR_SEED=random` draws others, `WEIR_SEED=N` those of that seed.
 */
import fc from 'fast-check';

const wanted = process.env['WEIR_SEED'] ?? '1';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });

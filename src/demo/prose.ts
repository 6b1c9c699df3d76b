/**
 * Sentences for the demo site's pages: fragments put together by chance, in five languages, so that titles, word counts
 * and charsets have something to show. The same random sequence always writes the same text.
 */
import type { Random } from '../model/clock.ts';
import { pick } from './random.ts';

/** Languages of the demo site, as `lang` attributes. */
export type DemoLanguage = 'en' | 'fr' | 'de' | 'es' | 'ja';

interface Fragments {
  readonly subjects: readonly string[];
  readonly verbs: readonly string[];
  readonly objects: readonly string[];
  readonly tails: readonly string[];
  /** Between the fragments, and after the last. */
  readonly space: string;
  readonly stop: string;
}

const FRAGMENTS: Readonly<Record<DemoLanguage, Fragments>> = {
  en: {
    subjects: [
      'A bounded queue',
      'The producer',
      'Each consumer',
      'The semaphore',
      'A worker thread',
      'The write-ahead log',
      'The host schedule',
      'A weir',
      'The downstream channel',
      'Every permit',
      'The parser',
      'A slow disk',
      'The frontier',
      'An attempt that failed',
      'The commit',
      'A pool of workers',
    ],
    verbs: [
      'holds back',
      'waits for',
      'hands over',
      'never loses',
      'counts',
      'returns',
      'wakes',
      'bounds',
      'measures',
      'keeps in order',
      'lets pass',
      'shares',
      'takes',
      'closes',
    ],
    objects: [
      'the next page',
      'all its permits',
      'what the river brings',
      'one batch at a time',
      'the oldest entry',
      'as much as the stage below can take',
      'the bytes in flight',
      'its neighbours',
      'a host that asked for rest',
      'the result of the fetch',
      'every link it has seen',
      'the water level',
      'a place in the queue',
      'its own small table',
    ],
    tails: [
      'until the stage behind it has room',
      'before anything is written',
      'while the others sleep',
      'and says why',
      'so that memory stays flat',
      'once the transaction is on disk',
      'at the pace of the slowest part',
      'even after a power cut',
      'without asking twice',
      'when the last producer has finished',
      'in the order of arrival',
      'as the books must balance',
    ],
    space: ' ',
    stop: '. ',
  },
  fr: {
    subjects: [
      'La rivière',
      'Le barrage',
      'La cliente',
      'Le relevé',
      'Une écluse rénovée',
      'Le maître éclusier',
      'La première péniche',
    ],
    verbs: ['a déjà dépassé', 'protège', 'mesure', 'contrôle', 'annonce', 'a complété', 'révèle'],
    objects: [
      'le débit de l’été',
      'la cote d’alerte',
      'près de 40 € par mètre',
      'le château d’eau',
      'l’ancien œuvre',
      'les forêts inondées',
    ],
    tails: [
      'à l’aube',
      'après la fonte des neiges',
      'malgré la sécheresse',
      'selon la préfecture',
      '– une première depuis Noël',
      'sans gêner la pêche',
    ],
    space: ' ',
    stop: '. ',
  },
  de: {
    subjects: [
      'Der Fluß',
      'Das Wehr',
      'Die Schleuse',
      'Ein kräftiger Zufluss',
      'Das Städtchen',
      'Die Fähre',
      'Der Wasserwärter',
    ],
    verbs: ['hält', 'erhöht', 'überwacht', 'verzögert', 'trägt', 'schützt', 'öffnet'],
    objects: [
      'den Rückstau',
      'die Mühle am Ufer',
      'das Gefälle',
      'die Brücke für Fußgänger',
      'den höchsten Pegel',
      'drei Hähne',
    ],
    tails: [
      'während der Nacht',
      'trotz des Föhns',
      'für die Landwirte',
      'gemäß dem Plan',
      'über dem Mühlgraben',
      'früher als üblich',
    ],
    space: ' ',
    stop: '. ',
  },
  es: {
    subjects: ['El río', 'La presa', 'El niño del molino', 'Una compañía', 'El agua de montaña', 'La señora alcaldesa'],
    verbs: ['llenó', 'cruzará', 'midió', 'dejó atrás', 'compró', 'añadió'],
    objects: [
      'la mayoría de los canales',
      'el pequeño puente',
      'más de mil años de historia',
      'el último tramo',
      'la estación húmeda',
    ],
    tails: ['¡por fin!', 'según el informe', 'después de la sequía', 'en el corazón de la región', 'sin ningún daño'],
    space: ' ',
    stop: '. ',
  },
  ja: {
    subjects: ['堰は', '川の水は', '生産者は', '消費者は', '小さな町は', '新しい水門は', '待ち行列は'],
    verbs: ['静かに', 'ゆっくりと', '毎朝', '約束どおり', '雨のあとで', '決して急がずに'],
    objects: ['流れを', '次の頁を', '古い橋を', '水位を', '仕事を', '一つの席を'],
    tails: ['待っている', '受け取る', '守り続ける', '数えている', '渡していく', '止めない'],
    space: '',
    stop: '。',
  },
};

/** One sentence, with its full stop. */
export function sentence(random: Random, language: DemoLanguage): string {
  return headline(random, language) + FRAGMENTS[language].stop;
}

/** One sentence without a full stop: a title. */
export function headline(random: Random, language: DemoLanguage): string {
  const { subjects, verbs, objects, tails, space } = FRAGMENTS[language];
  return [pick(random, subjects), pick(random, verbs), pick(random, objects), pick(random, tails)].join(space);
}

/** HTML paragraphs until there are at least `characters` of them. */
export function paragraphs(random: Random, language: DemoLanguage, characters: number): string {
  let html = '';
  while (html.length < characters) {
    html += '<p>';
    for (let i = 3 + Math.floor(random() * 5); i > 0; i -= 1) html += sentence(random, language);
    html += '</p>\n';
  }
  return html;
}

/**
 * How many characters of text a page gets: a log-normal draw, as on the real web (most pages small, a few large), about 15,000
 * in the middle, from 600 to 170,000.
 */
export function drawLength(random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.round(Math.min(170_000, Math.max(600, Math.exp(9.6 + normal))));
}

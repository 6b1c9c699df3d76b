/** Tests of the quick run that find the more the more cases they try: here they try all of them, or many times as many. */
import '../cli/machine-limits.test.ts';
import './kill-import.test.ts';
import '../property/books.property.test.ts';
import '../property/parse.property.test.ts';
import '../property/resume.property.test.ts';

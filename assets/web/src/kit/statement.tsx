// A field for a statement in a language of rules or questions. Its editor is loaded when it is first wanted; until then, and where it is out
// of reach, the statement is written without colours.
import { lazy, Suspense } from 'react';
import { Field } from './form';

export type Tongue = 'sql' | 'cedar';
export type StatementProps = { label: string; tongue: Tongue; value: string; onChange: (value: string) => void; name?: string; hint?: string; most: number };

const Plain = ({ label, value, onChange, name, hint, most }: StatementProps) => <Field name={name} label={label} hint={hint} lines code value={value} onChange={onChange} maxLength={most} />;
const Editor = lazy(() => import('./statement-editor').catch(() => ({ default: Plain })));

export function StatementField(props: StatementProps) {
    return <Suspense fallback={<Plain {...props} />}><Editor {...props} /></Suspense>;
}

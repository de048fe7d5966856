// Forms whose answers come from the appliance: what it finds wrong with a field stands at that field.
import { createContext, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Form } from 'react-aria-components/Form';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField, type TextFieldProps } from 'react-aria-components/TextField';
import { describe, faultOf, Problem } from '../api/client';
import { Action } from './bits';
import { Icon } from './icon';

type Values = Record<string, string>;
/** The field that a pointer leads to: one that holds a list is meant by its items, too. */
const fieldOf = (at: string, values: Values) => [at.replace(/^\//, ''), at.split('/')[1] ?? ''].find((name) => name in values) ?? at;

/** What is wrong with the fields of the form that one is in, for fields that are no inputs. */
export const Faults = createContext<Values>({});

export type SendFormProps = {
    onSend: (values: Values) => Promise<unknown>;
    submit: string;
    children: ReactNode;
    /** More buttons: before the one that sends, or under it where they are wide. */
    also?: ReactNode;
    wide?: boolean;
    /** What is sent cannot be undone. */
    bad?: boolean;
    /** One field with its button beside it. */
    inline?: boolean;
};

export function SendForm({ onSend, submit, children, also, wide, bad, inline }: SendFormProps) {
    const [pending, setPending] = useState(false);
    const [faults, setFaults] = useState<Values>({});
    const [fault, setFault] = useState('');
    const form = useRef<HTMLFormElement>(null);
    const send = async () => {
        const node = form.current;
        if (!node || pending) return;
        const values: Values = {};
        for (const [name, value] of new FormData(node)) if (typeof value === 'string') values[name] = value;
        setPending(true);
        setFault('');
        try {
            await onSend(values);
        } catch (error) {
            const errors = error instanceof Problem ? (error.document.errors ?? []) : [];
            const known = errors.map(({ at, detail }) => [fieldOf(at, values), faultOf(detail)] as const).filter(([at]) => at in values);
            setFaults(Object.fromEntries(known));
            if (known.length < Math.max(1, errors.length)) setFault(describe(error));
        } finally {
            setPending(false);
        }
    };
    // Were it to go when one leaves the field, the button would move away from under the pointer that is about to press it.
    const typed = {
        onInput: ({ target }: FormEvent) => {
            const { name } = target as HTMLInputElement;
            if (faults[name]) setFaults({ ...faults, [name]: '' });
        },
    };
    return (
        <Form ref={form} className={inline ? 'form inline' : 'form'} validationErrors={faults} {...typed} onSubmit={(event) => (event.preventDefault(), void send())}>
            {fault && <p className="fault" role="alert">{fault}</p>}
            <Faults value={faults}>{children}</Faults>
            <div className={wide ? 'stack tight' : 'row wrap actions'}>
                {!wide && also}
                <Action look={inline ? 'plain' : bad ? 'danger' : 'primary'} type="submit" isPending={pending} wide={wide}>{submit}</Action>
                {wide && also}
            </div>
        </Form>
    );
}

export type FieldProps = Omit<TextFieldProps, 'className' | 'children'> & { label: string; hint?: string; placeholder?: string; lines?: boolean; code?: boolean; range?: { min?: number; max?: number; step?: number } };

export function Field({ label, hint, placeholder, lines, code, range, ...props }: FieldProps) {
    return (
        <TextField {...props} className="field">
            <Label>{label}</Label>
            {lines ? <TextArea placeholder={placeholder} className={code ? 'code' : undefined} spellCheck={code ? false : undefined} /> : <Input className="input" placeholder={placeholder} {...range} />}
            {hint && <Text slot="description" className="hint">{hint}</Text>}
            <FieldError className="error">
                {({ validationErrors }) => (
                    <>
                        <Icon name="alert" /> {validationErrors.join(' ')}
                    </>
                )}
            </FieldError>
        </TextField>
    );
}

// Things with names, a list of them beside the one that is looked at: brand kits, glossaries, groups.
import type { ReactNode } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { queries } from '../app/queries';
import { t } from '../i18n';
import { Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { Ask, Cancel } from '../kit/overlay';

type Named = { id: string; name: string };

/** The button that asks for a name and makes something of it. `list` is the query that then has one more. */
export function MakeNamed({ label, list, make, choose }: {
    label: string;
    list: string;
    make: (name: string) => Promise<{ id: string }>;
    choose: (id: string) => void;
}) {
    return (
        <Ask button={{ look: 'primary', icon: 'plus', children: label }} title={label}>
            {(close) => (
                <SendForm submit={t('create')} also={<Cancel />} onSend={async ({ name = '' }) => {
                    const made = await make(name);
                    await queries.invalidateQueries({ queryKey: [list] });
                    close();
                    choose(made.id);
                }}>
                    <Field name="name" label={t('name')} isRequired maxLength={100} autoFocus />
                </SendForm>
            )}
        </Ask>
    );
}

/** The list, the one that is wanted or the first beside it, and `empty` where there is none. `mark` follows a name. */
export function ShowNamed<T extends Named>({ of, label, wanted, choose, empty, mark, children }: {
    of: UseQueryResult<T[]>;
    label: string;
    wanted: string | undefined;
    choose: (id: string) => void;
    empty: ReactNode;
    mark?: (item: T) => ReactNode;
    children: (item: T) => ReactNode;
}) {
    return (
        <Show of={of}>
            {(items) => {
                const now = items.find(({ id }) => id === wanted) ?? items[0];
                if (!now) return empty;
                return (
                    <div className="with-facets">
                        <nav className="facets card list" aria-label={label}>
                            {items.map((item) => (
                                <ToggleButton key={item.id} className="facet" isSelected={item.id === now.id} onChange={() => choose(item.id)}>
                                    <span className="cut">{item.name}</span>
                                    {mark && <span className="row">{mark(item)}</span>}
                                </ToggleButton>
                            ))}
                        </nav>
                        {children(now)}
                    </div>
                );
            }}
        </Show>
    );
}

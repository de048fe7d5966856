// Who runs the appliance: each of them all of it.
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { client, data, ifMatch, pages, type Schemas } from '../api/client';
import { act } from '../app/act';
import { queries, useSession } from '../app/queries';
import { Page } from '../app/shell';
import { ago, t } from '../i18n';
import { Action, Badge, Empty, Show } from '../kit/bits';
import { Field, SendForm } from '../kit/form';
import { More } from '../kit/menu';
import { Ask, Cancel, Confirm } from '../kit/overlay';
import { Table, type Column } from '../kit/table';
import { When } from '../kit/when';
import { joinLink } from './join-link';
import { Secret } from './secret';

type Operator = Schemas['OperatorOfAppliance'];
type Invited = Schemas['OperatorInvitation'];
/** What operators sign in to. */
const APPLIANCE = 'appliance';
const operatorsQuery = { queryKey: ['operators'], queryFn: () => pages((after) => data(client.GET('/v1/operators', { params: { query: { limit: 200, after } } }))) };

export function Operators() {
    const session = useSession();
    const may = session?.can('system:configure') ?? false;
    return (
        <Page
            crumbs={[{ name: t('nav_system') }, { name: t('nav_operators') }]} title={t('nav_operators')} intro={t('operators_intro')}
            actions={may && <Ask button={{ look: 'primary', icon: 'plus', children: t('invite') }} title={t('invite_operator')}><Invite /></Ask>}
        >
            <People may={may} />
            <Invitations may={may} />
        </Page>
    );
}

function Invite() {
    const [link, setLink] = useState('');
    if (link) return <Secret label={t('invited_hint')} text={link} />;
    return (
        <SendForm submit={t('invite')} also={<Cancel />} onSend={async ({ email = '' }) => {
            const made = await data(client.POST('/v1/operator-invitations', { body: { email } }));
            await queries.invalidateQueries({ queryKey: ['operator-invitations'] });
            setLink(joinLink(APPLIANCE, made.code));
        }}>
            <p className="soft">{t('invite_operator_text')}</p>
            <Field name="email" type="email" label={t('email')} isRequired autoFocus />
        </SendForm>
    );
}

function People({ may }: { may: boolean }) {
    const session = useSession();
    const operators = useQuery(operatorsQuery);
    const [leaving, leave] = useState<Operator | null>(null);
    const [lost, lose] = useState<Operator | null>(null);
    const columns: Column<Operator>[] = [
        { id: 'name', name: t('name'), cell: ({ id, name, email }) => <span><span className="row wrap"><strong>{name}</strong>{id === session?.id && <Badge tone="accent">{t('you')}</Badge>}</span><span className="small soft">{email}</span></span> },
        { id: 'factor', name: t('second_factor'), cell: ({ second_factor, locked }) => <span className="row wrap"><Badge tone={second_factor ? 'good' : 'warn'}>{t(second_factor ? 'factor_set_up' : 'factor_not_set_up')}</Badge>{locked && <Badge tone="bad">{t('locked')}</Badge>}</span> },
        { id: 'seen', name: t('last_sign_in'), cell: ({ last_sign_in }) => <span className="soft">{last_sign_in ? ago(last_sign_in, undefined, 'hour') : t('never')}</span> },
        { id: 'since', name: t('operator_since'), cell: ({ created }) => <When at={created} as="day" /> },
        {
            id: 'more', name: t('more'), hide: true, end: true,
            cell: (operator) => may && operator.id !== session?.id && (
                <More label={`${t('more')}: ${operator.name}`} entries={[
                    { id: 'factor', name: t('reset_factor'), icon: 'shield', off: !operator.second_factor, run: () => lose(operator) },
                    { id: 'remove', name: t('remove'), icon: 'trash', bad: true, run: () => leave(operator) },
                ]} />
            ),
        },
    ];
    return (
        <section className="stack tight">
            <Show of={operators}>{(items) => (
                <>
                    <Table caption={t('nav_operators')} columns={columns} rows={items} rowKey={({ id }) => id} />
                    {items.length === 1 && <p className="small soft">{t('one_operator')}</p>}
                </>
            )}</Show>
            <Confirm
                title={t('remove')} text={t('remove_operator_text', { name: leaving?.name ?? '' })} action={t('remove')} open={!!leaving} onClose={() => leave(null)}
                onYes={() => leaving && act(['operators'], () => client.DELETE('/v1/operators/{operator}', { params: { path: { operator: leaving.id }, header: ifMatch(leaving.version) } }), t('member_removed', { name: leaving.name }))}
            />
            <Confirm
                title={t('reset_factor')} text={t('reset_factor_text', { name: lost?.name ?? '' })} action={t('reset_factor')} open={!!lost} onClose={() => lose(null)}
                onYes={() => lost && act(['operators'], () => client.DELETE('/v1/operators/{operator}/second-factor', { params: { path: { operator: lost.id } } }), t('factor_reset', { name: lost.name }))}
            />
        </section>
    );
}

function Invitations({ may }: { may: boolean }) {
    const invitations = useQuery({ queryKey: ['operator-invitations'], queryFn: () => pages((after) => data(client.GET('/v1/operator-invitations', { params: { query: { limit: 200, after } } }))) });
    const operators = useQuery(operatorsQuery).data ?? [];
    const revoke = (id: string) => act(['operator-invitations'], () => client.DELETE('/v1/operator-invitations/{operator_invitation}', { params: { path: { operator_invitation: id } } }), t('removed'));
    const columns: Column<Invited>[] = [
        { id: 'email', name: t('email'), cell: ({ email }) => email },
        { id: 'by', name: t('invited_by'), cell: ({ invited_by }) => <span className="soft">{operators.find(({ id }) => id === invited_by)?.name ?? ''}</span> },
        { id: 'expires', name: t('expires'), cell: ({ expires }) => <When at={expires} as="day" /> },
        { id: 'revoke', name: t('revoke'), hide: true, end: true, cell: ({ id, email }) => may && <Action aria-label={`${t('revoke')}: ${email}`} onPress={() => void revoke(id)}>{t('revoke')}</Action> },
    ];
    return (
        <section className="stack tight">
            <h2>{t('invitations')}</h2>
            <Show of={invitations}>{(items) => items.length ? <Table caption={t('invitations')} columns={columns} rows={items} rowKey={({ id }) => id} /> : <Empty icon="mail" title={t('no_invitations')} />}</Show>
        </section>
    );
}

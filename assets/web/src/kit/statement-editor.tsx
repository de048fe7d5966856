// The editor of statements: CodeMirror, in the colours of the page. Tab leaves it, as it leaves every field.
import { use, useEffect, useId, useRef } from 'react';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { cedar } from './cedar';
import { Faults } from './form';
import { Icon } from './icon';
import type { StatementProps, Tongue } from './statement';

const TONGUES: Record<Tongue, () => Extension> = { sql: () => sql({ dialect: PostgreSQL }), cedar: () => StreamLanguage.define(cedar) };

// Roles of the page's colours, which are others by night and with more contrast.
const theme = EditorView.theme({
    '&': { fontSize: 'var(--text-sm)', border: '1px solid var(--line-strong)', borderRadius: 'var(--radius)', background: 'var(--surface)', direction: 'ltr', textAlign: 'left' },
    '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-1px' },
    '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', minHeight: '9rem', maxHeight: '45vh', overflow: 'auto' },
    '.cm-content': { padding: 'var(--s2) 0', caretColor: 'var(--ink)' },
    '.cm-line': { padding: '0 var(--s3)' },
    '.cm-cursor': { borderLeftColor: 'var(--ink)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--accent-soft)' },
    '&.cm-focused .cm-matchingBracket': { background: 'var(--hover)', outline: '1px solid var(--line-strong)' },
});
const colours = syntaxHighlighting(HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], color: 'var(--accent-ink)', fontWeight: '600' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
    { tag: [tags.number, tags.typeName, tags.special(tags.name)], color: 'var(--warn)' },
    { tag: [tags.comment, tags.meta], color: 'var(--ink-soft)', fontStyle: 'italic' },
]));

// What is typed over something takes its place here: a browser would keep the look of what was there by a style inline, which the policy of
// the page does not let be.
const typing = EditorView.domEventHandlers({
    beforeinput: (event, view) => {
        if (event.inputType !== 'insertText' || !event.data || view.composing || view.state.selection.main.empty) return false;
        event.preventDefault();
        view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
        return true;
    },
});

export default function StatementEditor({ label, tongue, value, onChange, name, hint, most }: StatementProps) {
    const [labelId, hintId, faultId] = [useId(), useId(), useId()];
    const place = useRef<HTMLDivElement>(null);
    const sent = useRef<HTMLInputElement>(null);
    const view = useRef<EditorView>(null);
    const tell = useRef(onChange);
    useEffect(() => void (tell.current = onChange));
    const fault = use(Faults)[name ?? ''];

    useEffect(() => {
        const made = new EditorView({
            parent: place.current!, doc: value,
            extensions: [
                history(), drawSelection(), bracketMatching(), keymap.of([...defaultKeymap, ...historyKeymap]), TONGUES[tongue](), typing, theme, colours, EditorView.lineWrapping,
                EditorView.contentAttributes.of({ 'aria-labelledby': labelId, 'aria-describedby': `${hintId} ${faultId}`, spellcheck: 'false', autocapitalize: 'off' }),
                // Longer than the appliance takes is not written.
                EditorState.changeFilter.of((change) => !change.docChanged || change.newDoc.length <= Math.max(most, change.startState.doc.length)),
                EditorView.updateListener.of((update) => {
                    if (!update.docChanged) return;
                    tell.current(update.state.doc.toString());
                    // To the form it is a field in which one has typed.
                    sent.current?.dispatchEvent(new Event('input', { bubbles: true }));
                }),
            ],
        });
        view.current = made;
        return () => made.destroy();
    }, [tongue, most]);
    // What is put in from elsewhere, like another beginning.
    useEffect(() => {
        const now = view.current?.state.doc.toString();
        if (now !== undefined && now !== value) view.current?.dispatch({ changes: { from: 0, to: now.length, insert: value } });
    }, [value]);
    return (
        <div className="field">
            <span className="label" id={labelId} onClick={() => view.current?.focus()}>{label}</span>
            <div ref={place} data-invalid={fault ? true : undefined} translate="no" />
            {name && <input ref={sent} type="hidden" name={name} value={value} />}
            {hint && <span className="hint" id={hintId}>{hint}</span>}
            <span className="error" id={faultId} role={fault ? 'alert' : undefined}>{fault && <><Icon name="alert" /> {fault}</>}</span>
        </div>
    );
}

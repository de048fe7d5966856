// Words of React Aria's components in Hindi, which it does not bring: what screen readers say of lists, tables, calendars and dialogs. They are
// put beside those of other languages while the page is built. The build ends where a component that the page uses has other words meanwhile.
import { readFileSync } from 'node:fs';

/** By package. Functions are copied as they stand: they know nothing but what they are given. */
const WORDS = {
    autocomplete: { collectionLabel: 'सुझाव' },
    breadcrumbs: { breadcrumbs: 'पथ' },
    calendar: {
        previous: 'पिछला', next: 'अगला',
        selectedDateDescription: (args) => `चुनी गई तारीख़: ${args.date}`,
        selectedRangeDescription: (args) => `चुनी गई अवधि: ${args.dateRange}`,
        todayDate: (args) => `आज, ${args.date}`,
        todayDateSelected: (args) => `आज, ${args.date} चुना गया`,
        dateSelected: (args) => `${args.date} चुना गया`,
        startRangeSelectionPrompt: 'अवधि चुनना शुरू करने के लिए क्लिक करें',
        finishRangeSelectionPrompt: 'अवधि चुनना पूरा करने के लिए क्लिक करें',
        minimumDate: 'पहली उपलब्ध तारीख़', maximumDate: 'आख़िरी उपलब्ध तारीख़',
        dateRange: (args) => `${args.startDate} से ${args.endDate} तक`,
    },
    combobox: {
        focusAnnouncement: (args, formatter) => `${formatter.select({ true: () => `समूह ${args.groupTitle}, ${formatter.number(args.groupCount)} विकल्प। `, other: '' }, args.isGroupChange)}${args.optionText}${formatter.select({ true: ', चुना गया', other: '' }, args.isSelected)}`,
        countAnnouncement: (args, formatter) => `${formatter.number(args.optionCount)} विकल्प उपलब्ध।`,
        selectedAnnouncement: (args) => `${args.optionText}, चुना गया`,
        buttonLabel: 'सुझाव दिखाएँ', listboxLabel: 'सुझाव',
    },
    datepicker: {
        era: 'युग', year: 'वर्ष', month: 'महीना', day: 'दिन', hour: 'घंटा', minute: 'मिनट', second: 'सेकंड', dayPeriod: 'पूर्वाह्न/अपराह्न', calendar: 'कैलेंडर',
        startDate: 'आरंभ की तारीख़', endDate: 'अंत की तारीख़', weekday: 'सप्ताह का दिन', timeZoneName: 'समय क्षेत्र',
        selectedDateDescription: (args) => `चुनी गई तारीख़: ${args.date}`,
        selectedRangeDescription: (args) => `चुनी गई अवधि: ${args.startDate} से ${args.endDate} तक`,
        selectedTimeDescription: (args) => `चुना गया समय: ${args.time}`,
    },
    dnd: {
        dragItem: (args) => `${args.itemText} खींचें`,
        dragSelectedItems: (args, formatter) => `चुने गए ${formatter.number(args.count)} आइटम खींचें`,
        dragDescriptionKeyboard: 'खींचना शुरू करने के लिए Enter दबाएँ।', dragDescriptionKeyboardAlt: 'खींचना शुरू करने के लिए Alt + Enter दबाएँ।',
        dragDescriptionTouch: 'खींचना शुरू करने के लिए दो बार टैप करें।', dragDescriptionVirtual: 'खींचना शुरू करने के लिए क्लिक करें।', dragDescriptionLongPress: 'खींचना शुरू करने के लिए देर तक दबाएँ।',
        dragSelectedKeyboard: (args, formatter) => `चुने गए ${formatter.number(args.count)} आइटम खींचने के लिए Enter दबाएँ।`,
        dragSelectedKeyboardAlt: (args, formatter) => `चुने गए ${formatter.number(args.count)} आइटम खींचने के लिए Alt + Enter दबाएँ।`,
        dragSelectedLongPress: (args, formatter) => `चुने गए ${formatter.number(args.count)} आइटम खींचने के लिए देर तक दबाएँ।`,
        dragStartedKeyboard: 'खींचना शुरू हुआ। छोड़ने की जगह तक Tab से जाएँ, छोड़ने के लिए Enter और रद्द करने के लिए Escape दबाएँ।',
        dragStartedTouch: 'खींचना शुरू हुआ। छोड़ने की जगह पर जाएँ, फिर छोड़ने के लिए दो बार टैप करें।',
        dragStartedVirtual: 'खींचना शुरू हुआ। छोड़ने की जगह पर जाएँ, फिर छोड़ने के लिए क्लिक करें या Enter दबाएँ।',
        endDragKeyboard: 'खींचा जा रहा है। रद्द करने के लिए Enter दबाएँ।', endDragTouch: 'खींचा जा रहा है। रद्द करने के लिए दो बार टैप करें।', endDragVirtual: 'खींचा जा रहा है। रद्द करने के लिए क्लिक करें।',
        dropDescriptionKeyboard: 'छोड़ने के लिए Enter दबाएँ। रद्द करने के लिए Escape दबाएँ।', dropDescriptionTouch: 'छोड़ने के लिए दो बार टैप करें।', dropDescriptionVirtual: 'छोड़ने के लिए क्लिक करें।',
        dropCanceled: 'छोड़ना रद्द हुआ।', dropComplete: 'छोड़ दिया गया।', dropIndicator: 'छोड़ने की जगह', dropOnRoot: 'यहाँ छोड़ें',
        dropOnItem: (args) => `${args.itemText} पर छोड़ें`,
        insertBefore: (args) => `${args.itemText} से पहले रखें`,
        insertBetween: (args) => `${args.beforeItemText} और ${args.afterItemText} के बीच रखें`,
        insertAfter: (args) => `${args.itemText} के बाद रखें`,
    },
    grid: {
        deselectedItem: (args) => `${args.item} नहीं चुना गया।`, select: 'चुनें',
        selectedCount: (args, formatter) => `${formatter.plural(args.count, { '=0': 'कोई आइटम नहीं चुना गया', other: () => `${formatter.number(args.count)} आइटम चुने गए` })}।`,
        selectedAll: 'सभी आइटम चुने गए।',
        selectedItem: (args) => `${args.item} चुना गया।`, longPressToSelect: 'चुनना शुरू करने के लिए देर तक दबाएँ।',
    },
    menu: { longPressMessage: 'मेनू खोलने के लिए देर तक दबाएँ या Alt + ArrowDown दबाएँ' },
    numberfield: { decrease: (args) => `${args.fieldLabel} घटाएँ`, increase: (args) => `${args.fieldLabel} बढ़ाएँ`, numberField: 'संख्या' },
    overlays: { dismiss: 'बंद करें' },
    searchfield: { 'Clear search': 'खोज मिटाएँ' },
    spinbutton: { Empty: 'ख़ाली' },
    table: {
        select: 'चुनें', selectAll: 'सभी चुनें', sortable: 'क्रम में लगाने योग्य स्तंभ', ascending: 'बढ़ते क्रम में', descending: 'घटते क्रम में',
        ascendingSort: (args) => `${args.columnName} के अनुसार बढ़ते क्रम में`,
        descendingSort: (args) => `${args.columnName} के अनुसार घटते क्रम में`,
        columnSize: (args) => `${args.value} पिक्सेल`, resizerDescription: 'आकार बदलना शुरू करने के लिए Enter दबाएँ', expand: 'फैलाएँ', collapse: 'समेटें',
    },
    tag: {},
    toast: { close: 'बंद करें', notifications: (args, formatter) => `${formatter.number(args.count)} सूचनाएँ।` },
    tree: { expand: 'फैलाएँ', collapse: 'समेटें' },
    'react-stately datepicker': {
        rangeUnderflow: (args) => `मान ${args.minValue} या उसके बाद का हो।`,
        rangeOverflow: (args) => `मान ${args.maxValue} या उससे पहले का हो।`,
        rangeReversed: 'आरंभ की तारीख़ अंत की तारीख़ से पहले हो।', unavailableDate: 'चुनी गई तारीख़ उपलब्ध नहीं है।',
    },
    'react-aria-components': { selectPlaceholder: 'एक आइटम चुनें', tableResizer: 'आकार बदलने का हत्था', dropzoneLabel: 'छोड़ने का क्षेत्र', colorSwatchPicker: 'रंग के नमूने' },
};

const WHERE = /node_modules\/(react-aria|react-stately|react-aria-components)\/dist\/private\/(?:(\w+)\/)?intlStrings\.m?js$/;
const END = /\nexport \{(\S+) as default\};/;

/** What a package says in English: the measure of its words. */
async function english(id, name) {
    const file = id.replace(/(\/private\/).*$/, `$1intl/${name ? `${name}/` : ''}en-US.mjs`);
    // As text: the package is no module to node in all its parts.
    const text = readFileSync(file, 'utf8');
    return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).default;
}

export const ariaHindi = () => ({
    name: 'aria-hindi',
    async transform(code, id) {
        const [, from, name] = WHERE.exec(id.split('?')[0]) ?? [];
        if (!from) return null;
        const key = from === 'react-aria' ? name : name ? `${from} ${name}` : from;
        const [words, measure] = [WORDS[key], Object.keys(await english(id.split('?')[0], name))];
        const [missing, unknown] = [measure.filter((one) => !(one in (words ?? {}))), Object.keys(words ?? {}).filter((one) => !measure.includes(one))];
        if (missing.length || unknown.length) throw new Error(`build/aria-hindi.mjs, ${key}: missing: ${missing.join(', ')}; unknown: ${unknown.join(', ')}`);
        if (!END.test(code)) throw new Error(`build/aria-hindi.mjs: ${id} ends otherwise now`);
        const text = Object.entries(words).map(([one, said]) => `${JSON.stringify(one)}: ${typeof said === 'string' ? JSON.stringify(said) : String(said)}`).join(', ');
        return { code: code.replace(END, (all, exports) => `\n${exports}["hi-IN"] = { ${text} };\n${all}`), map: null };
    },
});

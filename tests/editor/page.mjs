// VS Code's window as a person uses it: what is seen, and what keys and mouse do.
//
// Nothing here waits for a time. A gesture is made, its effect is waited for, and where the effect does not show, the
// gesture is made again: on a slow machine the window may not have been listening.

import { chromium } from 'playwright-core';

const patience = 90_000; // milliseconds: what a machine that does other things may need
const notice = 8_000; // milliseconds: when a gesture without effect is made again

/** Opens the address in a browser; `scale` says how many pixels of a picture a pixel of the window has in a row. */
export async function openWindow({ chrome, address, say, scale = 1 }) {
    const browser = await chromium.launch({
        executablePath: chrome,
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
    });
    const viewport = { width: 1280, height: 800 };
    const context = await browser.newContext({ viewport, deviceScaleFactor: scale, locale: 'en-US' });
    context.setDefaultTimeout(patience);
    await context.route(({ hostname }) => hostname !== '127.0.0.1', (route) => route.abort());
    const page = await context.newPage();
    await page.goto(address);
    await page.locator('.monaco-editor .view-line').first().waitFor();
    return new Window(browser, page, say);
}

class Window {
    #browser;
    #page;
    #say;

    constructor(browser, page, say) {
        this.#browser = browser;
        this.#page = page;
        this.#say = say;
    }

    close() {
        return this.#browser.close();
    }

    /** A picture of the window, or with `clip` of a part of it: x, y, width and height in pixels. */
    screenshot(path, clip) {
        return this.#page.screenshot({ path, clip, animations: 'disabled' });
    }

    /** Waits until a squiggle of a severity (error, warning, info, hint) is seen. */
    async seeSquiggle(severity) {
        await this.#page.locator(`.squiggly-${severity}`).first().waitFor();
    }

    async seeNoSquiggle(severity) {
        await this.#page.locator(`.squiggly-${severity}`).first().waitFor({ state: 'detached' });
    }

    /** Opens the Problems view and returns what the row with a text says. */
    async seeProblem(text) {
        await this.command('Problems: Focus on Problems View');
        return plain(await this.#row('.markers-panel .monaco-list-row', text).textContent());
    }

    /** Puts the mouse on a word of the editor and returns what the card with a text says. */
    async hover(word, text) {
        const card = this.#page.locator('.monaco-hover:not(.hidden)', { hasText: text });
        await this.#insist(`a hover card with '${text}'`, card, async () => {
            const { x, y } = await this.#placeOf(word);
            await this.#page.mouse.move(900, 300);
            await this.#page.mouse.move(x, y, { steps: 4 });
        });
        return plain(await card.first().innerText());
    }

    /** Takes the mouse away and closes what is open. */
    async leave() {
        await this.#page.mouse.move(900, 300);
        await this.#page.keyboard.press('Escape');
        // a card may stay in the page, emptied; a gesture that it is in the way of is made again
        await this.#page.locator('.monaco-hover:not(.hidden)').first().waitFor({ state: 'hidden', timeout: notice }).catch(() => {});
    }

    /** Types at the caret. */
    type(text) {
        return this.#page.keyboard.type(text);
    }

    /** Asks for completions and takes the one with this label. */
    async complete(label) {
        const row = this.#row('.suggest-widget.visible .monaco-list-row', label);
        await this.#insist(`the completion '${label}'`, row, () => this.#page.keyboard.press('Control+Space'));
        await this.#choose(row);
    }

    /** Types what opens the list of completions by itself, with this label in it; returns what the rows say. */
    async suggest(text, label) {
        let typed = '';
        await this.#insist(`the completion '${label}' behind '${text}'`, this.#suggestion('', label), async () => {
            for (const _ of typed) {
                await this.#page.keyboard.press('Backspace');
            }
            await this.type(text);
            typed = text;
        });
        return (await this.#suggestion('').allInnerTexts()).map((row) => plain(row).replace(/\s+/g, ' '));
    }

    seeSuggestion(label) {
        return this.#suggestion('', label).first().waitFor();
    }

    /** Takes the completion that is marked, which must be the one with this label. */
    async takeMarked(label) {
        const row = this.#suggestion('.focused', label);
        await row.waitFor();
        await this.#page.keyboard.press('Enter');
        await row.waitFor({ state: 'hidden' });
    }

    /** Unfolds what is told of the completion that is marked, and waits until it tells this. */
    async seeDetails(text) {
        const details = this.#page.locator('.suggest-details-container', { hasText: text });
        const gesture = () => this.#page.keyboard.press('Control+Space');
        await this.#insist(`'${text}' beside the list`, details, gesture, { leaving: false });
    }

    /** Closes the list of completions. */
    async dismiss() {
        await this.#page.keyboard.press('Escape');
        await this.#suggestion('').first().waitFor({ state: 'hidden' });
    }

    /** Ends the line, which is seen in the editor. */
    async endLine(text) {
        await this.seeLine(text);
        await this.#suggestion('').first().waitFor({ state: 'hidden' });
        await this.#page.keyboard.press('Enter');
    }

    /** Goes on to the next tab stop of a snippet. */
    nextStop() {
        return this.#page.keyboard.press('Tab');
    }

    async seeLine(text) {
        await this.#row('.editor-instance .view-line', text).waitFor();
    }

    /** Opens the quick fixes at the caret; `takeFix` chooses one of them. */
    async seeFix(title) {
        const row = this.#fix(title);
        await this.#insist(`the quick fix '${title}'`, row, () => this.#page.keyboard.press('Control+.'));
    }

    takeFix(title) {
        return this.#choose(this.#fix(title));
    }

    /** Whether two files are shown side by side; what the tab says of them. */
    async seeComparison() {
        await this.#page.locator('.monaco-diff-editor').waitFor();
        return this.#page.locator('.tab.active').innerText();
    }

    /** Whether the lightbulb beside the caret says that there is a preferred fix. */
    async seeLightbulb() {
        await this.#page.locator('.codicon-gutter-lightbulb-auto-fix, .codicon-lightbulb-autofix').first().waitFor();
    }

    /** Waits until what leads to pages has moved along with its words after an edit. */
    async seeLinksOfNames() {
        await this.#page.locator('.editor-instance .detected-link', { hasText: '=' }).first().waitFor({ state: 'detached' });
    }

    /** Puts the caret at a line and column, both from 1. */
    async goTo(line, column) {
        await this.focusEditor();
        const input = this.#quickInput();
        await this.#insist('the line prompt', input, () => this.#page.keyboard.press('Control+g'));
        await input.fill(`:${line}:${column}`);
        await this.#page.keyboard.press('Enter');
        await this.#page
            .locator('#status\\.editor\\.selection', { hasText: `Ln ${line}, Col ${column}` })
            .waitFor();
    }

    async focusEditor() {
        const focused = this.#page.locator('.editor-instance .monaco-editor.focused');
        await this.#insist('the editor in focus', focused, () => this.#page.keyboard.press('Control+1'));
    }

    async save() {
        await this.focusEditor();
        await this.#page.keyboard.press('Control+s');
    }

    /** Shows what is in a folder that the explorer shows. */
    async unfold(name) {
        await this.#row('.explorer-folders-view .monaco-list-row[aria-expanded=false]', name).click();
    }

    /** Opens a file that the explorer shows. */
    async openFile(name) {
        const row = this.#row('.explorer-folders-view .monaco-list-row', name);
        // a click is lost while the explorer draws its rows anew
        await this.#insist(`${name} opened`, this.#page.locator('.tab.active', { hasText: name }), () => row.click());
    }

    async command(title) {
        const input = this.#quickInput();
        await this.#insist('the command prompt', input, () => this.#page.keyboard.press('F1'));
        await input.fill(`>${title}`);
        await this.#page.locator('.quick-input-list .monaco-list-row').first().filter({ hasText: title }).waitFor();
        await this.#page.keyboard.press('Enter');
        await input.waitFor({ state: 'hidden' });
    }

    /** Waits until an extension has been activated and returns what VS Code tells of it. */
    async seeRunningExtension(name) {
        await this.command('Developer: Show Running Extensions');
        const row = this.#row('.runtime-extensions-editor .monaco-list-row', name).filter({ hasText: /Activation: \d+ms/ });
        await row.waitFor();
        return plain(await row.innerText()).replace(/\s+/g, ' ');
    }

    /** Waits for a message to the user and returns it. */
    async seeMessage(text) {
        return plain(await this.#row('.notification-toast .notification-list-item-message', text).innerText());
    }

    countMessages() {
        return this.#page.locator('.notification-toast').count();
    }

    /** What the status bar calls the language of the file. */
    async language() {
        return plain(await this.#page.locator('#status\\.editor\\.mode').innerText());
    }

    /** What a line of the editor shows once it has a hint behind its text. */
    async seeHint(text, hint) {
        const line = this.#page.locator('.editor-instance .view-line', { hasText: text }).filter({ hasText: hint }).first();
        await line.waitFor();
        return plain(await line.textContent());
    }

    /** Waits for the lens with a text and returns all that it says. */
    async seeLens(text) {
        const lens = this.#page.locator('.editor-instance .codelens-decoration', { hasText: text }).first();
        await lens.waitFor();
        return plain(await lens.innerText());
    }

    /** Clicks a lens and returns the head of the list of places: the first one's file, and how many there are. */
    async followLens(text) {
        const head = this.#page.locator('.peekview-widget .peekview-title', { hasText: /\(\d+\)/ });
        const lens = this.#page.locator('.editor-instance .codelens-decoration a', { hasText: text }).first();
        await this.#insist('a list of places', head, () => lens.click());
        return plain(await head.innerText()).replace(/\s+/g, ' ');
    }

    /** Gives a file that the explorer shows another name there, and agrees to what else is to change. */
    async renameFile(name, to) {
        await this.#row('.explorer-folders-view .monaco-list-row', name).click();
        const input = this.#page.locator('.explorer-folders-view .monaco-inputbox input');
        await this.#insist('the name as an input', input, () => this.#page.keyboard.press('F2'));
        await input.fill(to);
        await this.#page.keyboard.press('Enter');
        const agree = this.#page.locator('.monaco-dialog-box .monaco-button', { hasText: 'OK' });
        await agree.or(this.#page.locator('.explorer-folders-view .monaco-list-row', { hasText: to })).first().waitFor();
        if (await agree.isVisible()) {
            await agree.click();
        }
    }

    /** The colours that the tokens of a line of the editor have. */
    async coloursOf(text) {
        const line = this.#page.locator('.editor-instance .view-line', { hasText: text }).first();
        await line.waitFor();
        return line.evaluate((element) => [
            ...new Set([...element.querySelectorAll('span > span')].map((span) => getComputedStyle(span).color)),
        ]);
    }

    /** Waits until a line of the editor is in so many colours, and returns them. */
    async seeColours(text, count) {
        let colours;
        await this.#insist(`'${text}' in ${count} colours`, this.#page.locator('.editor-instance .view-line'), async () => {
            for (const end = Date.now() + patience; Date.now() < end; ) {
                colours = await this.coloursOf(text);
                if (colours.length >= count) {
                    return;
                }
                await this.#page.waitForTimeout(50);
            }
        });
        if (colours.length < count) {
            throw new Error(`'${text}' is seen in ${colours.join(' ')}`);
        }
        return colours;
    }

    /** Gives the outline the room of the files, waits for its row with a text and returns what all rows say. */
    async seeOutline(text) {
        await this.command('Explorer: Focus on Outline View');
        const row = this.#row('.outline-pane .monaco-list-row', text);
        const files = this.#page.locator('.explorer-viewlet .pane-header').first();
        await this.#insist(`'${text}' in the outline`, row, () => files.click());
        const rows = await this.#page.locator('.outline-pane .monaco-list-row .outline-element').allInnerTexts();
        return rows.map((row) => plain(row).replace(/\s+/g, ' ')).join(' · ');
    }

    /** Waits until the bar above the editor leads to a text and returns what it says. */
    async seeBreadcrumbs(text) {
        await this.#row('.breadcrumbs-control .monaco-breadcrumb-item', text).waitFor();
        const items = await this.#page.locator('.breadcrumbs-control .monaco-breadcrumb-item').allInnerTexts();
        return items.map(plain).filter(Boolean).join(' > ');
    }

    /** Waits until what is below a line is folded away. */
    async seeFolded(text) {
        await this.#row('.editor-instance .view-line', text).locator('.inline-folded').waitFor();
    }

    #quickInput() {
        return this.#page.locator('.quick-input-widget:visible input[type=text]');
    }

    #fix(title) {
        return this.#row('.action-widget .monaco-list-row.action', title);
    }

    #suggestion(state, label) {
        return this.#page.locator(`.suggest-widget.visible .monaco-list-row${state}`, label ? { hasText: label } : {});
    }

    #row(rows, text) {
        return this.#page.locator(rows, { hasText: text }).first();
    }

    /** Chooses a row of the list in focus with the keyboard: an invisible layer covers menus and eats clicks. */
    async #choose(row) {
        for (let rows = 0; rows < 50; rows += 1) {
            if (/\bfocused\b/.test(await row.getAttribute('class'))) {
                await this.#page.keyboard.press('Enter');
                await row.waitFor({ state: 'hidden' });
                return;
            }
            await this.#page.keyboard.press('ArrowDown');
        }
        throw new Error('the row cannot be reached with the keyboard');
    }

    /** Where a word of the editor's text stands on the screen: the middle of its first occurrence. */
    #placeOf(word) {
        return this.#page.locator('.editor-instance .view-lines').first().evaluate((lines, sought) => {
            const walker = document.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(sought);
                if (at >= 0) {
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + sought.length);
                    const box = range.getBoundingClientRect();
                    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
                }
            }
            throw new Error(`the editor shows no '${sought}'`);
        }, word);
    }

    /** Makes a gesture until it has an effect; with `leaving` what it may have opened instead is closed in between. */
    async #insist(what, sight, gesture, { leaving = true } = {}) {
        const end = Date.now() + patience;
        for (let tries = 1; ; tries += 1) {
            await gesture();
            const seen = await sight.first().waitFor({ timeout: notice }).then(() => true, () => false);
            if (seen) {
                if (tries > 1) {
                    this.#say(`(${what} showed at try ${tries})`);
                }
                return;
            }
            if (Date.now() > end) {
                throw new Error(`${what} is not seen`);
            }
            if (leaving) {
                await this.#page.keyboard.press('Escape');
            }
        }
    }
}

/** Monaco shows spaces as non-breaking ones. */
function plain(text) {
    return text.replace(/\u00a0/g, ' ').trim();
}

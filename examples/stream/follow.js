// Follows a customer's log in a browser (or Node): server-sent events read with fetch, because an
// EventSource cannot send Authorization, and a token has no place in an address, where logs keep it.
//
//     const stop = follow({url, token: async () => session.token, onItem, onEnd});
//
// Comes again by itself from where it stood: nothing is lost and nothing comes twice. `token` is asked
// each time, so that after "refresh" it can give a fresh one; after any action but "refresh" and "wait"
// it is over.
// SPDX-License-Identifier: Apache-2.0
export function follow({url, token, onItem, onEnd = () => {}, cursor = ""}) {
    const stopping = new AbortController();
    let retryMs = 3000;

    // One event, as fields by name. Returns: what it ended with, or null.
    function take(event) {
        if (event.retry) retryMs = Number(event.retry);
        if (event.event === "end") return JSON.parse(event.data);
        if (event.event === "item") onItem(JSON.parse(event.data));
        if (event.id) cursor = event.id; // only once it was taken
        return null;
    }

    async function read(body) {
        let text = "";
        for await (const part of body.pipeThrough(new TextDecoderStream())) {
            const blocks = (text + part).split("\n\n");
            text = blocks.pop();
            for (const block of blocks) {
                const lines = block.split("\n").filter((line) => line && !line.startsWith(":"));
                const end = take(Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2))));
                if (end) return end;
            }
        }
        return {action: "wait"};
    }

    async function once() {
        const headers = {Authorization: "Bearer " + (await token())};
        if (cursor) headers["Last-Event-ID"] = cursor;
        const answer = await fetch(url, {headers, signal: stopping.signal});
        return answer.ok ? read(answer.body) : answer.json();
    }

    (async () => {
        while (!stopping.signal.aborted) {
            const end = await once().catch(() => ({action: "wait"}));
            if (stopping.signal.aborted) return;
            if (end.action !== "wait" && end.action !== "refresh") return onEnd(end);
            await new Promise((resolve) => setTimeout(resolve, retryMs));
        }
    })();
    return () => stopping.abort();
}

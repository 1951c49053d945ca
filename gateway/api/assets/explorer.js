"use strict";
// Tries any operation of /openapi.json. Asks no other host; the token is kept in this page's memory and nowhere else.
const WORDS = {
  en: {
    title: "API", skip: "To the operations", who: "Who asks", username: "User name", password: "Password", signIn: "Sign in",
    signOut: "Sign out", purpose: "Purpose of reading files", none: "none", operations: "Operations", search: "Search",
    list: "All operations as a list", other: "中文", send: "Send", body: "Body (JSON)", file: "File", roles: "Who may", anybody: "anybody",
    signedIn: "whoever is signed in", needed: "needed", found: n => `${n} operations`, sent: "Sending …",
    away: "No answer. Is the gateway running?", badJson: "The body is no JSON.", headers: "Headers", empty: "Nothing more was said.",
    until: "Goes away on", took: (ms) => `${ms} ms`,
  },
  zh: {
    title: "接口", skip: "跳到操作列表", who: "登录身份", username: "用户名", password: "密码", signIn: "登录",
    signOut: "退出", purpose: "查阅档案的用途", none: "无", operations: "操作", search: "查找",
    list: "全部操作列表", other: "English", send: "发送", body: "内容（JSON）", file: "文件", roles: "可用角色", anybody: "任何人",
    signedIn: "已登录者", needed: "必填", found: n => `共 ${n} 项操作`, sent: "正在发送……",
    away: "没有回应，网关是否在运行？", badJson: "内容不是 JSON。", headers: "响应头", empty: "没有其他内容。",
    until: "停用日期", took: (ms) => `${ms} 毫秒`,
  },
};
const TAGS = {
  households: "家庭", pairing: "结亲", activities: "活动", notify: "通知", measure: "指标", gateway: "登录与规则", operations: "运行",
};
const TOLD = ["etag", "location", "idempotency-key", "idempotency-replayed", "kith-decision", "kith-warnings", "retry-after", "sunset", "traceparent"];
let language = navigator.language.startsWith("zh") ? "zh" : "en";
let token = null;
let api = null;
const byId = id => document.getElementById(id);
const word = name => WORDS[language][name];

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

async function ask(method, path, headers = {}, body) {
  const all = { "Accept-Language": language, ...headers };
  if (token) all.Authorization = `Bearer ${token}`;
  if (byId("purpose").value) all["Kith-Purpose"] ??= byId("purpose").value;
  return fetch(path, { method, headers: all, body, cache: "no-store", credentials: "omit", redirect: "manual" });
}

// --- what a schema looks like as an example

function resolved(schema) {
  return schema && schema.$ref ? api.components.schemas[schema.$ref.split("/").pop()] : schema || {};
}

function example(given, depth = 0) {
  const schema = resolved(given);
  if (depth > 5) return null;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return example(schema.anyOf[0], depth + 1);
  if (schema.properties) {
    const needed = schema.required || [];
    return Object.fromEntries(needed.map(name => [name, example(schema.properties[name], depth + 1)]));
  }
  if (schema.type === "array") return schema.minItems || depth < 2 ? [example(schema.items, depth + 1)] : [];
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 0;
  if (schema.type === "boolean") return false;
  if (schema.format === "date") return new Date().toISOString().slice(0, 10);
  if (schema.format === "date-time") return new Date().toISOString();
  return schema.type === "object" ? {} : "";
}

// --- one operation

function parameterField(id, parameter) {
  const schema = resolved(parameter.schema);
  const choices = schema.enum || (schema.const !== undefined ? [schema.const] : null);
  const field = choices
    ? made("select", { id }, ...(parameter.required ? [] : [made("option", { value: "" }, "")]), ...choices.map(one => made("option", { value: one }, String(one))))
    : made("input", { id, required: parameter.required, inputmode: schema.type === "integer" ? "numeric" : undefined });
  const note = parameter.required ? ` (${word("needed")})` : "";
  return { field, row: made("p", {}, made("label", { for: id }, made("code", {}, parameter.name), made("small", {}, `${note} ${parameter.in}`)), field) };
}

function bodyField(id, operation) {
  const content = operation.requestBody && operation.requestBody.content;
  if (!content) return null;
  const [media, { schema }] = Object.entries(content)[0];
  const isJson = media === "application/json";
  const field = isJson ? made("textarea", { id, spellcheck: "false" }) : made("input", { id, type: "file" });
  if (isJson) field.value = JSON.stringify(example(schema), null, 2);
  return { field, media, isJson, row: made("p", {}, made("label", { for: id }, word(isJson ? "body" : "file")), field) };
}

function form(path, method, operation) {
  const stem = operation.operationId.replaceAll(".", "-");
  const parameters = operation.parameters.map((one, n) => ({ one, ...parameterField(`${stem}-${n}`, one) }));
  const body = bodyField(`${stem}-body`, operation);
  const answer = made("div", { "aria-live": "polite" });
  const button = made("button", { type: "submit" }, word("send"));
  const whole = made("form", {}, ...parameters.map(each => each.row), ...(body ? [body.row] : []), made("p", {}, button), answer);
  whole.addEventListener("submit", async event => {
    event.preventDefault();
    button.disabled = true;
    answer.replaceChildren(word("sent"));
    try {
      await send(path, method, parameters, body, answer);
    } finally {
      button.disabled = false;
    }
  });
  return whole;
}

async function send(path, method, parameters, body, answer) {
  const query = new URLSearchParams();
  const headers = {};
  let where = path;
  for (const { one, field } of parameters) {
    if (!field.value) continue;
    if (one.in === "path") where = where.replace(`{${one.name}}`, encodeURIComponent(field.value));
    else if (one.in === "query") query.set(one.name, field.value);
    else headers[one.name] = field.value;
  }
  let sent;
  if (body) {
    headers["Content-Type"] = body.media;
    sent = body.isJson ? body.field.value : body.field.files[0];
    if (body.isJson && !isJson(sent)) return answer.replaceChildren(made("p", { class: "no" }, word("badJson")));
  }
  const began = performance.now();
  try {
    const response = await ask(method.toUpperCase(), where + (query.size ? `?${query}` : ""), headers, sent);
    await show(response, Math.round(performance.now() - began), answer);
  } catch {
    answer.replaceChildren(made("p", { class: "no" }, word("away")));
  }
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function show(response, took, answer) {
  const text = await response.text();
  const told = TOLD.filter(name => response.headers.has(name)).map(name => `${name}: ${response.headers.get(name)}`);
  const pretty = isJson(text) ? JSON.stringify(JSON.parse(text), null, 2) : text;
  const status = made("p", { class: response.ok ? "well" : "no" }, `${response.status} · ${word("took")(took)}`);
  answer.replaceChildren(status, made("pre", { tabindex: "0" }, pretty || word("empty")));
  if (told.length) answer.append(made("p", { class: "faint" }, word("headers")), made("pre", { tabindex: "0" }, told.join("\n")));
}

// --- all of them

function row(path, method, operation) {
  const open = operation.security && !operation.security.length;
  const roles = (operation["x-roles"] || [word(open ? "anybody" : "signedIn")]).join(", ");
  const inside = made("div");
  const title = made("summary", {}, made("span", { class: "method" }, method.toUpperCase()),
    made("code", { class: operation.deprecated ? "deprecated" : undefined }, path), " ", made("span", { class: "faint", lang: "en" }, operation.summary.split(". ")[0]));
  const whole = made("details", { "data-words": `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase() }, title, inside);
  whole.addEventListener("toggle", () => {
    if (!whole.open || inside.childNodes.length) return;
    inside.append(made("p", { lang: "en" }, operation.summary), made("p", { class: "faint" }, `${word("roles")}: ${roles}`));
    if (operation.deprecated) inside.append(made("p", { class: "no" }, `${word("until")} ${operation["x-sunset"]}`));
    inside.append(form(path, method, operation));
  });
  return whole;
}

function draw() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  byId("language").textContent = word("other");
  byId("language").lang = language === "zh" ? "en" : "zh";
  if (!api) return;
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0];
      groups.set(tag, [...(groups.get(tag) || []), row(path, method, operation)]);
    }
  }
  byId("operations").replaceChildren(...[...groups].map(([tag, rows]) =>
    made("section", {}, made("h3", {}, language === "zh" ? TAGS[tag] || tag : tag), ...rows)));
  drawPurposes();
  narrow();
}

function drawPurposes() {
  const stated = Object.values(api.paths).flatMap(methods => Object.values(methods)).flatMap(one => one.parameters).find(one => one.name === "Kith-Purpose");
  const before = byId("purpose").value;
  byId("purpose").replaceChildren(made("option", { value: "" }, word("none")), ...(stated ? stated.schema.enum : []).map(one => made("option", { value: one }, one)));
  byId("purpose").value = before;
}

function narrow() {
  const wanted = byId("search").value.trim().toLowerCase();
  let shown = 0;
  for (const one of document.querySelectorAll("details")) {
    one.hidden = !one.dataset.words.includes(wanted);
    shown += one.hidden ? 0 : 1;
  }
  for (const section of byId("operations").children) section.hidden = !section.querySelector("details:not([hidden])");
  byId("found").textContent = word("found")(shown);
}

function present(me) {
  byId("sign-in").hidden = Boolean(me);
  byId("signed-in").hidden = !me;
  byId("me").textContent = me || "";
}

async function signIn(event) {
  event.preventDefault();
  const said = JSON.stringify({ username: byId("username").value, password: byId("password").value });
  byId("password").value = "";
  try {
    const response = await ask("POST", "/v1/session", { "Content-Type": "application/json" }, said);
    const told = await response.json();
    byId("said").textContent = response.ok ? "" : `${told.title} ${told.detail}`;
    if (!response.ok) return;
    token = told.token;
    const me = await (await ask("GET", "/v1/me")).json();
    present(me.roles ? `${me.roles.join(", ")} · ${me.area_code}` : `${me.title || ""} ${me.detail || ""}`);
  } catch {
    byId("said").textContent = word("away");
  }
}

async function signOut(event) {
  event.preventDefault();
  await ask("DELETE", "/v1/session").catch(() => null);
  token = null;
  present(null);
}

byId("sign-in").addEventListener("submit", signIn);
byId("signed-in").addEventListener("submit", signOut);
byId("search").addEventListener("input", narrow);
byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  draw();
});
draw();
fetch("/openapi.json").then(response => response.json()).then(found => {
  api = found;
  draw();
}).catch(() => {
  byId("said").textContent = word("away");
});

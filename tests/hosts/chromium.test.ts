// Chromium: pages, Web Workers, content security policies.
import { testBrowser } from "./browser-tests.ts";

testBrowser("chromium");

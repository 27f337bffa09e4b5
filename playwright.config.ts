// The end-to-end tests: Chromium from the system against the real binary. `cargo xtask test` runs them
// against target/debug/parlor, which has the released documents inside; by hand, `npx playwright test`
// takes target/release/parlor, which `cargo xtask build` makes, or the one that PARLOR_BINARY names.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "target/e2e/results",
  reporter: [
    ["list"],
    ["json", { outputFile: process.env.PARLOR_E2E_REPORT ?? "target/e2e/report.json" }],
  ],
  forbidOnly: true,
  // A test that passes only at the second try has found something.
  retries: 0,
  fullyParallel: true,
  workers: 2,
  projects: [
    { name: "together", testIgnore: "**/alone/**" },
    // What compares times with limits: nothing else runs beside it.
    { name: "alone", testMatch: "**/alone/**", workers: 1, fullyParallel: false, dependencies: ["together"] },
  ],
  // Generous, for a busy two-core machine: nothing waits this long unless it is broken.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: "chromium",
    locale: "en-US",
    timezoneId: "UTC",
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    screenshot: "only-on-failure",
    // It is recorded for every test, for those that fail: too slow for CI.
    trace: process.env.CI ? "off" : "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Playwright's own list without ThirdPartyStoragePartitioning: with it off, a frame of
        // another site has no storage at all in a private window, which no visitor's browser does.
        "--disable-features=DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter,OptimizationHints,PaintHolding",
      ],
    },
  },
});

// The benchmark's own settings: one page at a time, and nothing that looks on while it works.
import base from "../../playwright.config";

export default {
  ...base,
  testDir: ".",
  workers: 1,
  reporter: [["line"]],
  outputDir: "../../target/bench/results",
  use: { ...base.use, screenshot: "off", trace: "off" },
};

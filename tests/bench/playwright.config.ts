import base from "../../playwright.config";
export default { ...base, testDir: ".", workers: 1, reporter: [["line"]], outputDir: "../../target/bench/results" };

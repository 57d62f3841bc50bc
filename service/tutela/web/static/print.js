// A printed page says what it is: its title, release and day at the foot of each sheet, and at its end the address with the
// choices that were made since it was loaded. Without this script, the foot has the name of the service only.

addEventListener("beforeprint", () => {
  const issued = document.querySelector("footer.site time")?.textContent;
  const today = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  const foot = [document.title, issued && `release of ${issued}`, `printed ${today}`].filter(Boolean).join(" · ");
  document.documentElement.style.setProperty("--printed-foot", JSON.stringify(foot));
  const address = document.querySelector("footer.site .this-page");
  const { origin, pathname, search } = location;
  if (address) address.textContent = `${origin}${pathname}${search}`;
});

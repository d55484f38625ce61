// The import form: a drop zone over the file field, and the progress of the upload itself.
export function connect(form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-drop]");
  const choose = form.querySelector("[data-choose]");
  const bar = form.querySelector("progress");
  const name = form.querySelector("[data-file-name]");
  const problem = form.querySelector("[data-problem]");

  for (const type of ["dragenter", "dragover"]) {
    zone.addEventListener(type, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    send();
  });
  for (const plain of form.querySelectorAll("[data-plain]")) plain.hidden = true;
  choose.hidden = false;
  choose.addEventListener("click", () => input.click());
  input.addEventListener("change", () => input.files.length && send());

  function send() {
    const request = new XMLHttpRequest();
    name.textContent = input.files[0].name;
    problem.hidden = true;
    bar.hidden = false;
    bar.value = 0;
    choose.disabled = true;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        bar.max = event.total;
        bar.value = event.loaded;
      }
    });
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status < 300 && answer?.url) location.assign(answer.url);
      else fail(answer?.error?.message ?? form.dataset.failed);
    });
    request.addEventListener("error", () => fail(form.dataset.failed));
    request.open("POST", form.action);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.send(new FormData(form));
  }

  function fail(message) {
    bar.hidden = true;
    choose.disabled = false;
    problem.hidden = false;
    problem.querySelector("span").textContent = message;
    input.value = "";
  }
}

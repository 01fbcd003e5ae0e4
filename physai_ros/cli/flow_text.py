"""The data flow of a bundle as text."""
from physai_ros.bundle.flow import Flow


def text(flow: Flow) -> str:
    """Return the flow, from the topics that are read to those that are published."""
    topics, terms, inputs, model, outputs, chunks = flow.columns
    lines = [flow.head]
    for key, box in inputs.items():
        lines += ['', f'input {box.title}: {", ".join(box.lines)}']
        for path in [a for a, b in flow.arrows if b == key]:
            sources = [topics[a] for a, b in flow.arrows if b == path and a in topics]
            start = ''.join(f'{source.title} ({source.lines[0]}) -> ' for source in sources)
            lines.append(f'  {start}{terms[path].title}')
            lines += [f'      {line}' for line in terms[path].lines]
    (box,) = model.values()
    lines += ['', f'model {box.title}: {", ".join(box.lines)}']
    lines += [f'  fed back: {loop}' for loop in flow.loops]
    for key, box in outputs.items():
        lines += ['', f'output {box.title}: {box.lines[0]}']
        lines += [f'      {line}' for line in box.lines[1:]]
        lines += [f'  -> {chunks[b].title} ({chunks[b].lines[0]})' for a, b in flow.arrows
                  if a == key]
    return '\n'.join(lines)

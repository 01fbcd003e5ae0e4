"""Text into the numbers of tokens, with the tokenizer of a bundle."""
from functools import lru_cache
from typing import Callable, Tuple

from physai_ros.core.errors import BundleError


def tokenizer(content: bytes) -> Callable[[str], Tuple[int, ...]]:
    """
    Return a function from text to the numbers of its tokens, special ones included.

    :param content: the bytes of a ``tokenizer.json`` (https://huggingface.co/docs/tokenizers)
    :raises BundleError: when it is none, or the library is not installed
    """
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise BundleError('the library tokenizers is missing', None, 'it, for terms on the task',
                          "pip install 'physai_ros[text]'") from None
    try:
        made = Tokenizer.from_str(content.decode())
    except Exception as error:  # the library raises plain Exception
        raise BundleError('the tokenizer of the bundle', None, 'a tokenizer.json',
                          f'{error}') from None
    made.no_padding()
    made.no_truncation()

    @lru_cache(maxsize=64)
    def tokenize(text):
        try:
            return tuple(made.encode(text).ids)
        except Exception as error:  # as above
            raise BundleError('the tokenizer of the bundle cannot read', text, 'any text',
                              f'{error}') from None

    return tokenize

"""Packages that have ended or go on under another name, with what is known of their end.

Only what their own projects have said, or what fails today. Names are as PEP 503 compares them.
"""

from __future__ import annotations

from typing import NamedTuple


class Retired(NamedTuple):
    """`why` is a phrase. `successor` has that name in both lists ("" for none); `fails`: what is there does not install.

    `only` is "pip" or "conda" where the other list means something else by the name.
    """

    why: str
    successor: str = ""
    fails: bool = False
    only: str = ""


class Gone(NamedTuple):
    """A package that is on no public index any more; `why` is a phrase.

    `since` is the first version of another package that has its name today, and `python` the oldest that this one runs on;
    "" where there is none.
    """

    why: str
    since: str = ""
    python: str = ""


_ONLY_WORKBENCH = "it was a wheel of Azure ML Workbench, which ended on 2019-01-09"
GONE = {
    "azureml-assets": Gone(_ONLY_WORKBENCH, since="1.16", python="3.8"),
    "azureml-logging": Gone(_ONLY_WORKBENCH),
    "azureml-pyrecipes-dataframe": Gone(_ONLY_WORKBENCH),
    "azureml-requirements": Gone("it was on Azure ML Workbench's own index, which ended on 2019-01-09"),
}
"""Workbench's packages, by the names under which its templates list them."""

GONE_HOSTS = {
    "azuremldownloads.blob.core.windows.net": "Azure ML Workbench, which ended on 2019-01-09",
    "azuremldownloads.azureedge.net": "Azure ML Workbench, which ended on 2019-01-09",
    "azuremlsdktestpypi.azureedge.net": "the previews of Azure ML's SDK v1, which ended on 2026-06-30",
}
"""Hosts of services that have ended, with what they belonged to."""

RETIRED = {
    "adal": Retired("its support ended in 2023", "msal"),
    "allennlp": Retired("it was archived in 2022"),
    "azure": Retired(
        "it fails on purpose since 5.0; each service of Azure has a package of its own", fails=True, only="pip"
    ),
    "azure-storage": Retired("it was split in 2018", "azure-storage-blob", only="pip"),
    "chainer": Retired("its development ended in 2019"),
    "distribute": Retired("it went back into setuptools in 2013", "setuptools"),
    "fbprophet": Retired("it was renamed with version 1.0", "prophet"),
    "google-cloud": Retired("it is empty since 2018; each service has a package of its own", only="pip"),
    "gym": Retired("nobody maintains it since 2022", "gymnasium"),
    "keras-applications": Retired("it is a part of Keras since 2.4"),
    "keras-preprocessing": Retired("it is a part of Keras since 2.9"),
    "mxnet": Retired("Apache retired it in 2023"),
    "mysql-python": Retired("it is for Python 2 only", "mysqlclient", fails=True),
    "nose": Retired("its last release, of 2015, does not run on Python 3.10 and newer", "pytest"),
    "nvidia-ml-py3": Retired("NVIDIA's own package is another one", "nvidia-ml-py"),
    "oauth2client": Retired("it was deprecated in 2018", "google-auth"),
    "pandas-profiling": Retired("it was renamed in 2023", "ydata-profiling"),
    "pep8": Retired("it was renamed in 2016", "pycodestyle"),
    "pinecone-client": Retired("it was renamed in 2024", "pinecone", only="pip"),
    "pycrypto": Retired("its last release is of 2013, and vulnerable", "pycryptodome"),
    "pymc3": Retired("it was renamed with version 4", "pymc"),
    "pypdf2": Retired("it was renamed in 2022", "pypdf"),
    "pyreadline": Retired("it does not run on Python 3.10 and newer", "pyreadline3"),
    "pysoundfile": Retired("it was renamed with version 0.10", "soundfile", only="pip"),
    "python-igraph": Retired("it was renamed with version 0.10", "igraph", only="pip"),
    "pytorch-pretrained-bert": Retired("it was renamed in 2019", "transformers"),
    "pytorch-transformers": Retired("it was renamed in 2019", "transformers"),
    "raven": Retired("it was deprecated in 2018", "sentry-sdk"),
    "tensorflow-addons": Retired("it ended in May 2024"),
    "tensorflow-gpu": Retired("it fails on purpose since 2.12", "tensorflow", fails=True, only="pip"),
    "theano": Retired("its development ended in 2017", "pytensor"),
    "torchtext": Retired("its development ended in April 2024"),
}

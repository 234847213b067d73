"""Well-known package names as plain data, the most used first: what completion offers before an index has answered.

Names only, no versions: a name that is wrong costs a look-up, a version that is old costs a person.
"""

from __future__ import annotations

# Names on conda-forge, and a few of the channels that are used beside it.
CONDA = tuple(
    """
    python pip numpy pandas matplotlib scipy scikit-learn jupyter jupyterlab notebook ipykernel ipython pytorch
    tensorflow keras seaborn pytest requests pyyaml tqdm pillow xarray dask numba cython h5py sympy statsmodels
    networkx plotly bokeh altair streamlit flask django fastapi uvicorn sqlalchemy psycopg2 pymysql pymongo redis-py
    boto3 s3fs fsspec gcsfs adlfs azure-storage-blob azure-identity azure-core mlflow xgboost lightgbm catboost
    transformers datasets tokenizers accelerate huggingface_hub sentencepiece torchvision torchaudio pytorch-cuda
    pytorch-lightning lightning torchmetrics cudatoolkit cuda-version cudnn nccl mkl openblas blas nodejs git curl wget
    cmake make ninja compilers c-compiler cxx-compiler fortran-compiler gcc gxx gfortran pkg-config setuptools wheel
    conda-build build twine poetry hatch hatchling flit pip-tools virtualenv tox nox pre-commit black ruff isort flake8
    mypy pylint coverage pytest-cov pytest-xdist pytest-mock hypothesis sphinx sphinx_rtd_theme myst-parser myst-nb nbsphinx
    mkdocs mkdocs-material jupyter-book nbconvert nbformat nbclient papermill jupytext ipywidgets ipympl jupyterhub
    voila panel holoviews hvplot datashader geopandas shapely fiona rasterio rioxarray pyproj gdal geos proj cartopy
    folium basemap netcdf4 h5netcdf cftime zarr pyarrow arrow-cpp fastparquet parquet-cpp pytables hdf5 openpyxl xlrd
    xlsxwriter beautifulsoup4 lxml html5lib scrapy selenium httpx aiohttp urllib3 certifi websockets click typer rich
    colorama loguru python-dotenv pydantic attrs marshmallow jsonschema toml tomli ruamel.yaml jinja2 markupsafe
    werkzeug gunicorn celery pika kafka-python python-dateutil pytz tzdata pendulum arrow six packaging
    typing_extensions typing-extensions importlib-metadata joblib cloudpickle dill psutil pywin32 gitpython paramiko
    cryptography pyopenssl openssl ca-certificates pyjwt bcrypt nltk spacy gensim textblob wordcloud sacremoses
    opencv py-opencv imageio scikit-image imgaug albumentations ffmpeg av pyav tifffile libtiff libpng jpeg zlib bzip2 xz
    graphviz python-graphviz pydot pygraphviz igraph python-igraph pymc arviz emcee pystan cmdstanpy jax jaxlib flax optax
    tensorboard tensorflow-probability onnx onnxruntime skl2onnx shap lime eli5 optuna hyperopt ray-core ray-default
    ray-tune bayesian-optimization imbalanced-learn category_encoders feature_engine mlxtend yellowbrick umap-learn
    hdbscan faiss-cpu faiss-gpu annoy prophet pmdarima sktime tsfresh polars duckdb python-duckdb pyspark openjdk
    distributed dask-ml dask-jobqueue dask-kubernetes modin vaex intake great-expectations pandera
    pandas-profiling ydata-profiling missingno tabulate sqlite postgresql sqlparse alembic peewee pyodbc duckdb-engine
    r-base r-essentials r-tidyverse r-ggplot2 r-dplyr r-irkernel rpy2 julia rust go perl bash vim tmux htop tree jq
    snakemake snakemake-minimal nextflow luigi prefect apache-airflow dagster kedro hydra-core omegaconf wandb
    pyqt qt pyside6 tk vtk pyvista mayavi trimesh open3d pyglet pygame simpy gym gymnasium stable-baselines3 rdkit openmm
    mdanalysis mdtraj pymatgen ase openbabel biopython pysam samtools bcftools bedtools scanpy anndata astropy sunpy
    healpy metpy wrf-python xesmf esmpy cdsapi eccodes cfgrib siphon pyresample satpy regionmask pooch pint uncertainties
    cvxpy cvxopt pulp pyomo ortools-python glpk ipopt coincbc nlopt pyscipopt mpi4py openmpi mpich numexpr bottleneck
    numpydoc pybind11 swig eigen boost boost-cpp fftw gsl tbb llvmlite libgcc-ng libstdcxx-ng nomkl mamba conda
    conda-lock micromamba anaconda-client cookiecutter copier dvc autopep8 yapf bandit line_profiler memory_profiler
    py-spy snakeviz watchdog pexpect pyserial python-lmdb msgpack-python protobuf grpcio grpcio-tools libprotobuf pymupdf
    reportlab python-docx docutils pandoc pygments markdown mistune geopy pystac pystac-client odc-stac xgcm gcc_linux-64
    gxx_linux-64 unixodbc freetds cupy dask-cuda pynvml nvidia-ml-py einops timm fastai fairseq diffusers sentence-transformers
    evaluate rouge-score jiwer librosa soundfile pysoundfile sox pydub torch-scatter pytorch_geometric dgl dask-gateway
    """.split()  # noqa: SIM905 - four hundred names are read as prose
)

# Names on the Python Package Index.
PIP = tuple(
    """
    numpy pandas requests matplotlib scipy scikit-learn torch torchvision torchaudio tensorflow transformers datasets
    jupyter jupyterlab notebook ipykernel ipython pytest pyyaml tqdm pillow seaborn plotly streamlit flask django fastapi
    uvicorn sqlalchemy psycopg2-binary psycopg2 pymysql pymongo redis boto3 botocore azure-ai-ml azureml-core
    azureml-defaults azureml-sdk azureml-mlflow azureml-dataset-runtime azureml-dataprep azureml-train-automl-client
    azureml-train-automl-runtime azureml-inference-server-http azureml-telemetry azureml-contrib-services azureml-pipeline
    azureml-widgets azureml-interpret azureml-opendatasets azureml-ai-monitoring azureml-metrics azureml-evaluate-mlflow
    azureml-responsibleai azureml-fsspec mltable azure-identity azure-core azure-storage-blob azure-keyvault-secrets
    azure-cli azure-ml-api-sdk applicationinsights opencensus-ext-azure inference-schema mlflow mlflow-skinny xgboost
    lightgbm catboost onnx onnxruntime onnxruntime-gpu skl2onnx shap lime interpret fairlearn raiwidgets responsibleai
    optuna hyperopt ray wandb tensorboard comet-ml neptune keras jax jaxlib flax optax pytorch-lightning lightning
    torchmetrics accelerate tokenizers sentencepiece huggingface-hub sentence-transformers peft trl bitsandbytes
    deepspeed evaluate diffusers timm einops langchain langchain-community langchain-openai openai tiktoken
    llama-index chromadb faiss-cpu pinecone-client anthropic nltk spacy gensim textblob rouge-score sacrebleu jiwer
    opencv-python opencv-python-headless opencv-contrib-python scikit-image imageio albumentations ultralytics pycocotools
    easyocr pytesseract librosa soundfile pydub beautifulsoup4 lxml html5lib scrapy selenium httpx aiohttp urllib3 certifi
    websockets click typer rich colorama loguru python-dotenv pydantic pydantic-settings attrs marshmallow jsonschema toml
    tomli ruamel.yaml jinja2 markupsafe werkzeug gunicorn celery pika kafka-python confluent-kafka python-dateutil pytz
    tzdata pendulum arrow six packaging typing-extensions importlib-metadata joblib cloudpickle dill psutil pywin32
    gitpython paramiko cryptography pyopenssl pyjwt bcrypt passlib xarray dask distributed numba cython h5py sympy
    statsmodels networkx bokeh altair dash gradio polars duckdb pyarrow fastparquet tables openpyxl xlrd xlsxwriter
    python-docx python-pptx pypdf pymupdf reportlab pyspark delta-spark databricks-sdk databricks-connect databricks-cli
    snowflake-connector-python snowflake-sqlalchemy google-cloud-storage google-cloud-bigquery gspread s3fs fsspec gcsfs
    adlfs geopandas shapely fiona rasterio rioxarray pyproj cartopy folium netcdf4 zarr prophet pmdarima sktime tsfresh
    imbalanced-learn category-encoders feature-engine mlxtend yellowbrick umap-learn hdbscan annoy pandera
    great-expectations ydata-profiling missingno tabulate sqlparse alembic peewee pyodbc black ruff isort flake8 mypy
    pylint coverage pytest-cov pytest-xdist pytest-mock pytest-asyncio hypothesis sphinx sphinx-rtd-theme myst-parser
    mkdocs mkdocs-material mkdocstrings jupyter-book nbconvert nbformat papermill jupytext nbstripout ipywidgets pre-commit
    build twine poetry hatch hatchling flit pip-tools setuptools wheel virtualenv tox nox uv cookiecutter dvc hydra-core
    omegaconf gym gymnasium stable-baselines3 pygame protobuf grpcio grpcio-tools msgpack orjson simplejson regex
    tenacity cachetools watchdog pexpect pyserial apache-airflow prefect dagster luigi kedro horovod tensorboardx
    tensorflow-probability tensorflow-hub tensorflow-datasets tf-keras evidently alibi alibi-detect biopython
    pysam scanpy anndata rdkit astropy pymc arviz cmdstanpy pystan cvxpy pulp pyomo ortools graphviz pydot pygraphviz
    """.split()  # noqa: SIM905 - four hundred names are read as prose
)

METAPACKAGES = frozenset(("anaconda", "anaconda3"))
"""Those that stand for a whole distribution."""

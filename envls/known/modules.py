"""Which packages have which modules, as plain data: what a script imports is seldom told by the name of its package.

From the packages' own pages and wheels. A module that is not here, nor a well-known package of its own name, is one of
which nothing is known. PyPI's names stand before the bar, as PEP 503 compares them; conda-forge's behind it, as it writes them; the best first.
"""

from __future__ import annotations

# Modules that other packages have than those of their name, or several. Nothing behind the bar: conda-forge has none.
PROVIDERS = {
    "absl": "absl-py | absl-py",
    "attr": "attrs | attrs",
    "azure.ai.formrecognizer": "azure-ai-formrecognizer |",
    "azure.ai.ml": "azure-ai-ml |",
    "azure.ai.openai": "azure-ai-openai |",
    "azure.ai.textanalytics": "azure-ai-textanalytics |",
    "azure.batch": "azure-batch | azure-batch",
    "azure.cognitiveservices.speech": "azure-cognitiveservices-speech |",
    "azure.cognitiveservices.vision.computervision": "azure-cognitiveservices-vision-computervision |",
    "azure.cognitiveservices.vision.customvision": "azure-cognitiveservices-vision-customvision |",
    "azure.core": "azure-core | azure-core",
    "azure.cosmos": "azure-cosmos | azure-cosmos",
    "azure.data.tables": "azure-data-tables |",
    "azure.eventhub": "azure-eventhub |",
    "azure.functions": "azure-functions |",
    "azure.identity": "azure-identity | azure-identity",
    "azure.keyvault.secrets": "azure-keyvault-secrets | azure-keyvault-secrets",
    "azure.kusto.data": "azure-kusto-data |",
    "azure.mgmt.containerregistry": "azure-mgmt-containerregistry |",
    "azure.mgmt.keyvault": "azure-mgmt-keyvault |",
    "azure.mgmt.resource": "azure-mgmt-resource |",
    "azure.mgmt.storage": "azure-mgmt-storage |",
    "azure.monitor.opentelemetry": "azure-monitor-opentelemetry |",
    "azure.search.documents": "azure-search-documents |",
    "azure.servicebus": "azure-servicebus |",
    "azure.storage.blob": "azure-storage-blob azure-storage | azure-storage-blob azure-storage",
    "azure.storage.file": "azure-storage-file azure-storage | azure-storage-file azure-storage",
    "azure.storage.filedatalake": "azure-storage-file-datalake | azure-storage-file-datalake",
    "azure.storage.fileshare": "azure-storage-file-share | azure-storage-file-share",
    "azure.storage.queue": "azure-storage-queue azure-storage | azure-storage-queue azure-storage",
    "azureml.automl.core": "azureml-automl-core |",
    "azureml.automl.runtime": "azureml-automl-runtime |",
    "azureml.contrib.services": "azureml-contrib-services |",
    "azureml.core": "azureml-core |",
    "azureml.data": "azureml-core |",
    "azureml.datadrift": "azureml-datadrift |",
    "azureml.dataprep": "azureml-dataprep |",
    "azureml.fsspec": "azureml-fsspec |",
    "azureml.interpret": "azureml-interpret |",
    "azureml.mlflow": "azureml-mlflow |",
    "azureml.opendatasets": "azureml-opendatasets |",
    "azureml.pipeline.core": "azureml-pipeline-core |",
    "azureml.pipeline.steps": "azureml-pipeline-steps |",
    "azureml.telemetry": "azureml-telemetry |",
    "azureml.train.automl": "azureml-train-automl-client azureml-train-automl-runtime |",
    "azureml.train.dnn": "azureml-train-core |",
    "azureml.train.estimator": "azureml-train-core |",
    "azureml.train.hyperdrive": "azureml-train-core |",
    "azureml.train.sklearn": "azureml-train-core |",
    "azureml.widgets": "azureml-widgets |",
    "bayes_opt": "bayesian-optimization | bayesian-optimization",
    "Bio": "biopython | biopython",
    "box": "python-box | python-box",
    "bs4": "beautifulsoup4 bs4 | beautifulsoup4 bs4",
    "bson": "pymongo | pymongo",
    "community": "python-louvain | python-louvain",
    "confluent_kafka": "confluent-kafka | python-confluent-kafka",
    "cpuinfo": "py-cpuinfo | py-cpuinfo",
    "Crypto": "pycryptodome pycrypto | pycryptodome pycrypto",
    "Cryptodome": "pycryptodomex | pycryptodomex",
    "cv2": "opencv-python opencv-python-headless opencv-contrib-python"
    " opencv-contrib-python-headless | opencv py-opencv opencv-python-headless",
    "dash_bootstrap_components": "dash-bootstrap-components | dash-bootstrap-components",
    "databricks.koalas": "koalas | koalas",
    "databricks.sdk": "databricks-sdk | databricks-sdk",
    "dataclasses": "dataclasses | dataclasses",
    "dateutil": "python-dateutil | python-dateutil",
    "delta": "delta-spark | delta-spark",
    "docx": "python-docx | python-docx",
    "dotenv": "python-dotenv | python-dotenv",
    "duckdb": "duckdb | python-duckdb duckdb",
    "efficientnet_pytorch": "efficientnet-pytorch | efficientnet-pytorch",
    "faiss": "faiss-cpu faiss-gpu faiss-gpu-cu12 faiss-gpu-cu11 | faiss-cpu faiss faiss-gpu pytorch-faiss",
    "fasttext": "fasttext fasttext-wheel | fasttext",
    "feature_engine": "feature-engine | feature_engine",
    "ffmpeg": "ffmpeg-python | ffmpeg-python",
    "fitz": "pymupdf | pymupdf",
    "flask_cors": "flask-cors | flask-cors",
    "flask_sqlalchemy": "flask-sqlalchemy | flask-sqlalchemy",
    "git": "gitpython | gitpython",
    "google.cloud.aiplatform": "google-cloud-aiplatform | google-cloud-aiplatform",
    "google.cloud.bigquery": "google-cloud-bigquery | google-cloud-bigquery google-cloud-bigquery-core",
    "google.cloud.pubsub_v1": "google-cloud-pubsub | google-cloud-pubsub",
    "google.cloud.storage": "google-cloud-storage | google-cloud-storage",
    "google.protobuf": "protobuf | protobuf",
    "googleapiclient": "google-api-python-client | google-api-python-client",
    "gurobipy": "gurobipy |",
    "hydra": "hydra-core | hydra-core",
    "igraph": "igraph python-igraph | python-igraph",
    "imblearn": "imbalanced-learn imblearn | imbalanced-learn",
    "inference_schema": "inference-schema |",
    "IPython": "ipython | ipython",
    "janitor": "pyjanitor | pyjanitor",
    "jose": "python-jose | python-jose",
    "jwt": "pyjwt | pyjwt",
    "kafka": "kafka-python kafka-python-ng | kafka-python",
    "lmdb": "lmdb | python-lmdb",
    "magic": "python-magic python-magic-bin | python-magic",
    "matplotlib": "matplotlib | matplotlib matplotlib-base",
    "mlflow": "mlflow mlflow-skinny | mlflow mlflow-skinny",
    "mpl_toolkits.axes_grid1": "matplotlib | matplotlib matplotlib-base",
    "mpl_toolkits.basemap": "basemap | basemap",
    "mpl_toolkits.mplot3d": "matplotlib | matplotlib matplotlib-base",
    "msgpack": "msgpack | msgpack-python",
    "mysql.connector": "mysql-connector-python mysql-connector | mysql-connector-python",
    "MySQLdb": "mysqlclient mysql-python | mysqlclient",
    "netCDF4": "netcdf4 | netcdf4",
    "opencensus.ext.azure": "opencensus-ext-azure | opencensus-ext-azure",
    "OpenSSL": "pyopenssl | pyopenssl",
    "ortools": "ortools | ortools-python",
    "osgeo": "gdal pygdal | gdal libgdal-core",
    "past": "future | future",
    "PIL": "pillow pillow-simd | pillow pillow-simd",
    "pptx": "python-pptx | python-pptx",
    "progressbar": "progressbar2 progressbar | progressbar2 progressbar",
    "prometheus_client": "prometheus-client | prometheus_client",
    "psycopg2": "psycopg2-binary psycopg2 | psycopg2 psycopg2-binary",
    "pyarrow": "pyarrow | pyarrow pyarrow-core",
    "pycocotools": "pycocotools pycocotools-windows | pycocotools",
    "pydantic_settings": "pydantic-settings | pydantic-settings",
    "pylab": "matplotlib | matplotlib matplotlib-base",
    "pyLDAvis": "pyldavis | pyldavis",
    "PyPDF2": "pypdf2 | pypdf2",
    "PyQt5": "pyqt5 | pyqt",
    "pyspark": "pyspark databricks-connect | pyspark",
    "pythoncom": "pywin32 pypiwin32 | pywin32",
    "pytorch_lightning": "pytorch-lightning lightning | pytorch-lightning lightning",
    "pytorch_transformers": "pytorch-transformers | pytorch-transformers",
    "pywt": "pywavelets | pywavelets",
    "ray": "ray | ray-default ray-core ray-all",
    "redis": "redis | redis-py",
    "rest_framework": "djangorestframework | djangorestframework",
    "ruamel.yaml": "ruamel-yaml | ruamel.yaml ruamel_yaml",
    "scikitplot": "scikit-plot | scikit-plot",
    "segmentation_models_pytorch": "segmentation-models-pytorch | segmentation-models-pytorch",
    "sentence_transformers": "sentence-transformers | sentence-transformers",
    "serial": "pyserial | pyserial",
    "skbio": "scikit-bio | scikit-bio",
    "skimage": "scikit-image scikit-image-headless | scikit-image",
    "sklearn": "scikit-learn sklearn scikit-learn-intelex | scikit-learn sklearn",
    "sklearn_crfsuite": "sklearn-crfsuite | sklearn-crfsuite",
    "skopt": "scikit-optimize | scikit-optimize",
    "sksurv": "scikit-survival | scikit-survival",
    "slugify": "python-slugify unicode-slugify awesome-slugify | python-slugify",
    "snowflake.connector": "snowflake-connector-python | snowflake-connector-python",
    "sounddevice": "sounddevice | python-sounddevice",
    "soundfile": "soundfile pysoundfile | pysoundfile",
    "surprise": "scikit-surprise | scikit-surprise",
    "tables": "tables | pytables",
    "telegram": "python-telegram-bot | python-telegram-bot",
    "tensorboard": "tensorboard tb-nightly | tensorboard",
    "tensorboardX": "tensorboardx | tensorboardx",
    "tensorflow": "tensorflow tensorflow-cpu tensorflow-gpu tensorflow-intel tensorflow-macos"
    " tf-nightly intel-tensorflow tensorflow-rocm tensorflow-cpu-aws | tensorflow tensorflow-gpu tensorflow-cpu tensorflow-mkl tensorflow-base tensorflow-eigen",
    "tensorflow_addons": "tensorflow-addons |",
    "tensorflow_datasets": "tensorflow-datasets | tensorflow-datasets",
    "tensorflow_hub": "tensorflow-hub | tensorflow-hub",
    "tensorflow_probability": "tensorflow-probability | tensorflow-probability",
    "torch": "torch torch-nightly | pytorch pytorch-gpu pytorch-cpu libtorch",
    "torch_geometric": "torch-geometric | pytorch_geometric pyg",
    "torchvision": "torchvision | torchvision torchvision-cpu",
    "tree": "dm-tree | dm-tree",
    "typing_extensions": "typing-extensions | typing_extensions",
    "umap": "umap-learn | umap-learn",
    "usb": "pyusb | pyusb",
    "websocket": "websocket-client | websocket-client",
    "win32api": "pywin32 pypiwin32 | pywin32",
    "win32com": "pywin32 pypiwin32 | pywin32",
    "win32con": "pywin32 pypiwin32 | pywin32",
    "wx": "wxpython | wxpython",
    "xgboost": "xgboost xgboost-cpu | xgboost py-xgboost py-xgboost-gpu py-xgboost-cpu py-xgboost-mutex",
    "yaml": "pyyaml ruamel-yaml-yaml | pyyaml",
    "zmq": "pyzmq | pyzmq",
}

# Modules of which everybody knows one package, of the same name on PyPI and on conda-forge. Those of `known.packages`
# that are in both of its lists are taken for such, too.
SAME = frozenset(
    """
    adlfs aiohttp albumentations alembic altair anndata annoy apscheduler ase astropy autogluon bcrypt bokeh boto3
    botocore bottleneck cachetools cartopy catboost causalml certifi cftime chardet click cloudpickle cmdstanpy colorama
    coloredlogs colorlog comet_ml configargparse contextily cryptography cupy cvxpy cython dagster dask datasets
    dateparser deepchem deepspeed detectron2 diffusers dill distributed django docker docopt docutils dtreeviz econml
    editdistance einops elasticsearch eli5 emoji evaluate evidently fairlearn faker fastai fastapi fastavro fasteners
    fastparquet fbprophet featuretools filelock fiona fire flask flax folium fsspec ftfy future gcsfs gensim geopandas
    geopy gpflow gpytorch gradio graphviz greenlet gspread gunicorn gym gymnasium h5py hdbscan holidays holoviews
    horovod html5lib httpx huggingface_hub humanize hvplot hyperopt hypothesis imageio imgaug implicit interpret iopath
    ipykernel ipywidgets isort itsdangerous jax jaxlib jieba jinja2 jiwer joblib jsonlines jsonschema kaggle keras
    kornia langchain langdetect lark librosa lifelines lightfm lightgbm lightning lime llvmlite loguru lxml mapie
    markdown markupsafe marshmallow missingno mlserver mlxtend mne modin monai mpi4py mpmath msal msgpack multidict
    multiprocess neptune networkx neuralprophet nibabel nilearn nltk nni numba numexpr numpy oauthlib omegaconf onnx
    onnxconverter_common onnxruntime openai openml openpyxl optax optuna orjson pandas pandas_profiling pandasql pandera
    papermill paramiko passlib patsy peewee pendulum pexpect plotly pmdarima polars pooch portalocker prettytable
    prophet psutil pulp pycaret pyclustering pydantic pydicom pydot pydub pygments pyldavis pymc pymc3
    pymongo pymysql pyod pyodbc pyparsing pypdf pyproj pyqtgraph pystan pytesseract pytest pytz rasterio regex reportlab
    requests requests_toolbelt rich rioxarray rouge_score rpy2 s3fs sacrebleu sacremoses scanpy scipy scrapy seaborn
    selenium sentencepiece seqeval shap shapely simplejson simpletransformers six skl2onnx sklearn_pandas skorch sktime
    spacy sqlalchemy sqlparse starlette statsmodels streamlit stumpy sympy tabpfn tabulate tenacity termcolor textblob
    textdistance thop threadpoolctl tiktoken timm tokenizers toml tomli toolz torchaudio torchmetrics torchsummary
    torchtext tornado tqdm transformers treelite trimesh tsfresh typer ultralytics unidecode urllib3 uvicorn
    vaderSentiment wandb watchdog werkzeug wget wordcloud xarray xlrd xlsxwriter xlwt xmltodict yarl ydata_profiling
    yellowbrick zarr zstandard
    """.split()  # noqa: SIM905 - names are read as prose
)
NOT_ON_CONDA_FORGE = frozenset(
    """
    comet_ml detectron2 evidently mlserver onnxconverter_common pandasql simpletransformers tabpfn thop torchsummary treelite
    vaderSentiment wget autogluon
    """.split()  # noqa: SIM905 - as above
)
"""Those of `SAME` whose name on conda-forge is another, or not certain: they are not offered from there."""
NAMESPACES = frozenset(
    ("azure", "azureml", "databricks", "google", "mpl_toolkits", "mysql", "opencensus", "ruamel", "snowflake")
)
"""What modules of many packages begin with: such a beginning alone tells of none."""
ALWAYS = frozenset(("pip", "setuptools", "pkg_resources", "wheel", "distutils", "easy_install"))
"""What comes with Python from any channel."""
ON_DEFAULTS = frozenset(
    """
    beautifulsoup4 bokeh boto3 cython dask flask h5py ipykernel ipywidgets jinja2 joblib lxml matplotlib nltk notebook numba
    numexpr numpy openpyxl pandas pillow psutil pyodbc pytest python-dateutil pytz pyyaml requests scikit-image
    scikit-learn scipy seaborn six sqlalchemy statsmodels sympy tqdm xlrd xlsxwriter
    """.split()  # noqa: SIM905 - as above
)
"""Packages that Anaconda's own channels have, too, and have had for years."""
OF_WORKBENCH = frozenset(
    """
    applicationinsights azure-storage cntk dill mmlspark numpy pandas psutil py4j pyspark requests scikit-learn scipy
    """.split()  # noqa: SIM905 - as above
)
"""What the base images and wheels of Azure ML Workbench may have brought, beside all of `azureml`; they are gone."""
OF_SERIES = frozenset(
    """
    azureml-automl-core azureml-core azureml-datadrift azureml-defaults azureml-interpret azureml-mlflow
    azureml-opendatasets azureml-pipeline-core azureml-pipeline-steps azureml-telemetry azureml-train-automl-client
    azureml-train-core azureml-widgets
    """.split()  # noqa: SIM905 - as above
)
"""Packages of SDK v1 that are released together: each is made for the others of its minor version."""

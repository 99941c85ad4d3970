# 草稿,不用改
import numpy as np

x = np.linspace(0, 1, 5)
print(x)
raise SystemExit("this file is not part of the answers")

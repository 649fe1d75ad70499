{{ golden_attribute_winner('supplier') }}
